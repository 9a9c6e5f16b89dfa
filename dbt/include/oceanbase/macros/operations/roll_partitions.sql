{#-
  Drop expired partitions and add missing ones, as a run without new rows would do. A partition is expired if all its
  rows are past the retention in the config partition_by. A partition is missing if the rule of this config (its key
  `every`) requires it now. If a table is not divided as configured, it is not changed, and a warning is logged.

  Run it by "dbt run-operation oceanbase__roll_partitions" for all models, seeds and snapshots that have a table and
  such a rule, or with "--args '{table: my_model}'" for one of them.

  Args:
    table (str or none): the name of a model, seed or snapshot; none for all
  Raises: an error if the model, seed or snapshot that `table` names has no table or no rule
-#}
{% macro oceanbase__roll_partitions(table=none) %}
  {% if execute %}
    {% set rolled = [] %}
    {% for node in graph.nodes.values() if node.resource_type in ('model', 'seed', 'snapshot')
      and node.config.get('partition_by') and (table is none or node.name == table) %}
      {% set relation = adapter.actual_relation(api.Relation.create(schema=node.schema, identifier=node.alias)) %}
      {% if relation is not none and relation.is_table %}
        {#-
          Check the config as a run does. For example, a snapshot must not have a retention, since it would lose current
          versions.
        -#}
        {% do adapter.check_partition_keys(node.config, node) %}
        {% do rolled.append(node.name) if adapter.roll_partitions(relation, node.config) %}
      {% endif %}
    {% endfor %}
    {% if table is not none and not rolled %}
      {% do exceptions.raise_compiler_error("table: '" ~ table ~ "' is no model, seed or snapshot that has a table and a partition_by with every: check the name, or run the node first") %}
    {% endif %}
  {% endif %}
{% endmacro %}
