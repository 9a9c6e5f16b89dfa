{#-
  Log which snapshots and incremental models have damage that the adapter type obmysql may have left, and how to repair
  them. A snapshot is damaged if several of its rows have the same dbt_scd_id. An incremental model is damaged if
  several of its rows have the same unique key. Nothing is changed.

  Run it by "dbt run-operation oceanbase__find_damage". It sends two queries for each snapshot and for each incremental
  model with a unique key.

  Returns: list[str], one text for each damaged snapshot or model
-#}
{% macro oceanbase__find_damage() %}
  {% set found = [] %}
  {% set checked = [] %}
  {% if execute %}
    {% for node in graph.nodes.values() if node.resource_type == 'snapshot'
      or (node.resource_type == 'model' and node.config.materialized == 'incremental' and node.config.unique_key) %}
      {% set relation = api.Relation.create(schema=node.schema, identifier=node.alias) %}
      {% set columns = adapter.get_columns_in_relation(relation) %}
      {% if columns %}
        {% do checked.append(node.name) %}
        {% set damage = oceanbase__damage_of(node, relation, columns) %}
        {% if damage %}
          {% do found.append(damage) %}
          {% do log(damage, info=true) %}
        {% endif %}
      {% endif %}
    {% endfor %}
    {% do log(found | length ~ ' of ' ~ checked | length ~ ' relations are damaged', info=true) %}
  {% endif %}
  {{ return(found) }}
{% endmacro %}

{#-
  Return a text that says what is damaged in the table of a snapshot or model, and how to repair it. The text is empty
  if nothing is damaged.

  Args:
    node (dict): a snapshot, or an incremental model with a unique key, from dbt's graph
    relation (Relation): the table of the snapshot or model
    columns (list[Column]): the columns of the table
  Returns: str
-#}
{% macro oceanbase__damage_of(node, relation, columns) %}
  {% if node.resource_type == 'snapshot' %}
    {% set names = node.config.snapshot_meta_column_names or {} %}
    {% set keys = adapter.key_expressions(names.dbt_scd_id or 'dbt_scd_id', columns) %}
  {% else %}
    {% set keys = adapter.key_expressions(node.config.unique_key, columns) %}
  {% endif %}
  {% set query %}
    select count(*), cast(coalesce(sum(n), 0) as signed) from (
      select count(*) as n from {{ relation }}
      group by {% for key in keys %}{{ key }}, {{ adapter.bytes_of_text(key) }}{{ ', ' if not loop.last }}{% endfor %}
      having count(*) > 1
    ) as repeated
  {% endset %}
  {% set groups, rows = run_query(query).rows[0] %}
  {% if not groups %}
    {{ return('') }}
  {% endif %}
  {% set place = node.name ~ ' (' ~ relation ~ '): ' ~ rows ~ ' rows share ' ~ groups %}
  {% if node.resource_type != 'snapshot' %}
    {{ return(place ~ ' values of unique_key: dbt run --full-refresh --select ' ~ node.name) }}
  {% endif %}
  {% set updated_at = adapter.key_expressions(names.dbt_updated_at or 'dbt_updated_at', columns) %}
  {% set unique = adapter.key_expressions(node.config.unique_key, columns) %}
  {% set valid_from = adapter.key_expressions(names.dbt_valid_from or 'dbt_valid_from', columns) %}
  {% set statement %}update {{ relation }} set {{ keys[0] }} = {{ snapshot_hash_arguments(unique + valid_from + updated_at) }}{% endset %}
  {{ return(
    place ~ ' values of dbt_scd_id, and versions may be closed that were current. Give each row a value of its own: '
    ~ statement | trim ~ '; then dbt snapshot --select ' ~ node.name ~ ' opens what is missing. Or rename the table '
    ~ 'away, and dbt snapshot begins a new history'
  ) }}
{% endmacro %}
