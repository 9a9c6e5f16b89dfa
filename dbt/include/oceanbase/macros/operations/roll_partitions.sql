{#-
  Drop and add partitions as a run would, without new rows: those past the retention of the config partition_by, and
  those that its rule makes until now. A table that is not divided as configured is left, with a warning.

  Run it by "dbt run-operation oceanbase__roll_partitions", for all models, seeds and snapshots with such a rule whose
  table exists, or with "--args '{table: my_model}'" for one.

  Args:
    table (str or none): the name of a model, seed or snapshot. It is an error if it has no table or no rule.
-#}
{% macro oceanbase__roll_partitions(table=none) %}
  {% if execute %}
    {% set rolled = [] %}
    {% for node in graph.nodes.values() if node.resource_type in ('model', 'seed', 'snapshot')
      and node.config.get('partition_by') and (table is none or node.name == table) %}
      {% set relation = adapter.actual_relation(api.Relation.create(schema=node.schema, identifier=node.alias)) %}
      {% if relation is not none and relation.is_table %}
        {#- The config is checked as in a run: a snapshot must not lose current versions. -#}
        {% do adapter.check_partition_keys(node.config, node) %}
        {% do rolled.append(node.name) if adapter.roll_partitions(relation, node.config) %}
      {% endif %}
    {% endfor %}
    {% if table is not none and not rolled %}
      {% do exceptions.raise_compiler_error("table: '" ~ table ~ "' is no model, seed or snapshot that has a table and a partition_by with every: check the name, or run the node first") %}
    {% endif %}
  {% endif %}
{% endmacro %}
