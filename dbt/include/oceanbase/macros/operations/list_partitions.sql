{#-
  Log one line for each partition of a table: its name, its values and its number of rows. Nothing is changed.

  Run it by "dbt run-operation oceanbase__list_partitions --args '{table: my_model}'". It sends two queries.

  Args:
    table (str): the name of a model, seed or snapshot of the project, or of a table in the schema of the target
  Returns: list[dict] with name (str), values (str, the upper bound or the listed values) and rows (int); empty if the
    table has no partitions
-#}
{% macro oceanbase__list_partitions(table) %}
  {% set found = [] %}
  {% if execute %}
    {% set place = {'schema': target.schema, 'identifier': table} %}
    {% for node in graph.nodes.values() if node.name == table and node.resource_type in ('model', 'seed', 'snapshot') %}
      {% do place.update({'schema': node.schema, 'identifier': node.alias}) %}
    {% endfor %}
    {% set relation = api.Relation.create(**place) %}
    {% do found.extend(adapter.partition_rows(relation)) %}
    {% for part in found %}
      {% do log(part.name ~ ': ' ~ part['values'] ~ ': ' ~ part.rows ~ ' rows', info=true) %}
    {% endfor %}
    {% do log(relation.render() ~ ' has ' ~ found | length ~ ' partitions', info=true) %}
  {% endif %}
  {{ return(found) }}
{% endmacro %}
