{#-
  Return the statement that creates the schema of a source, unless the schema exists.

  Args:
    source_node (dict): a source of dbt's graph
  Returns: str, SQL
-#}
{% macro oceanbase__create_external_schema(source_node) %}
  {{ return('create database if not exists ' ~ adapter.quote(source_node.schema)) }}
{% endmacro %}
