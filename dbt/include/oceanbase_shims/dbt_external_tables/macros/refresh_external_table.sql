{#-
  Return the statement after which the server reads the list of files of an external table again.

  Args:
    source_node (dict): a source of dbt's graph
  Returns: list[str], one statement
-#}
{% macro oceanbase__refresh_external_table(source_node) %}
  {% set relation = api.Relation.create(schema=source_node.schema, identifier=source_node.identifier) %}
  {{ return(['alter external table ' ~ relation.render() ~ ' refresh']) }}
{% endmacro %}
