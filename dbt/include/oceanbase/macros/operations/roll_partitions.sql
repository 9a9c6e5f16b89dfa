{#-
  Add and drop partitions as a run would, without new rows: those that the rule of the config partition_by makes until
  now, and those past its retention.

  Run it by "dbt run-operation oceanbase__roll_partitions", for all models, seeds and snapshots with such a rule whose
  table exists, or with "--args '{table: my_model}'" for one.

  Args:
    table (str or none): the name of a model, seed or snapshot
-#}
{% macro oceanbase__roll_partitions(table=none) %}
  {% if execute %}
    {% for node in graph.nodes.values() if node.resource_type in ('model', 'seed', 'snapshot')
      and node.config.get('partition_by') and (table is none or node.name == table) %}
      {% set relation = adapter.actual_relation(api.Relation.create(schema=node.schema, identifier=node.alias)) %}
      {% if relation is not none and relation.is_table %}
        {% do adapter.add_partitions(relation, node.config) %}
        {% do adapter.drop_expired_partitions(relation, node.config) %}
      {% endif %}
    {% endfor %}
  {% endif %}
{% endmacro %}
