{% materialization snapshot, adapter='oceanbase' %}
  {% do oceanbase__refuse_unsupported() %}
  {% set target_relation = this.incorporate(type='table') %}
  {% set existing_relation = oceanbase__heal(target_relation, load_cached_relation(this)) %}
  {% if existing_relation is not none and not existing_relation.is_table %}
    {% do exceptions.relation_wrong_type(existing_relation, 'table') %}
  {% endif %}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {#- The columns stand for "the target exists", which is all that dbt's strategies ask: they are read once. -#}
  {% set target_columns = adapter.get_columns_in_relation(existing_relation) if existing_relation is not none else [] %}
  {% set strategy_macro = strategy_dispatch(config.get('strategy')) %}
  {% set strategy = strategy_macro(model, 'snapshotted_data', 'source_data', model['config'], target_columns) %}
  {% if existing_relation is none %}
    {% do oceanbase__build(target_relation, none, build_snapshot_table(strategy, model['compiled_code']), keeps_rows=true) %}
  {% else %}
    {% set staging = oceanbase__snapshot_update(target_relation, target_columns, strategy, model['compiled_code']) %}
  {% endif %}

  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% if staging %}
    {% do oceanbase__check_staging(staging, target_relation) %}
  {% endif %}
  {% do adapter.commit() %}
  {% if staging %}
    {% do adapter.drop_relation(staging) %}
    {% do persist_docs(target_relation, model) %}
  {% endif %}
  {% do apply_grants(target_relation, config.get('grants'), should_revoke=existing_relation is not none) %}
  {{ run_hooks(post_hooks, inside_transaction=False) }}

  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#-
  Take the changes since the last snapshot: staged, then closed and opened in one transaction, which stays open for
  the hooks that belong into it.

  Args:
    target (Relation), target_columns (list[Column])
    strategy (dict): dbt's snapshot strategy
    sql (str): the SELECT
  Returns: Relation, the staged table, to be dropped after the commit
-#}
{% macro oceanbase__snapshot_update(target, target_columns, strategy, sql) %}
  {% set names = config.get('snapshot_table_column_names') or get_snapshot_table_column_names() %}
  {% do adapter.check_snapshot_target(target_columns, names, strategy) %}
  {% set staging = make_temp_relation(target) %}
  {% call statement('stage', auto_begin=False) -%}
    {{ create_table_as(True, staging, oceanbase__snapshot_staging_table(strategy, sql, target, target_columns)) }}
  {%- endcall %}

  {% set staged_columns = adapter.get_columns_in_relation(staging) %}
  {% set remedy = 'cast it in the snapshot, or give the column its new type: alter table ' ~ target.render() ~ ' modify column ...' %}
  {% do adapter.widen(target, staged_columns, target_columns, may_miss=true, staging=staging, remedy=remedy) %}
  {% set insert_columns = oceanbase__snapshot_columns(staged_columns, strategy.unique_key) %}
  {% set known = target_columns | map(attribute='name') | map('lower') | list %}
  {% set missing = [] %}
  {% for column in insert_columns if column.name | lower not in known %}
    {% do missing.append(column) %}
  {% endfor %}
  {% do alter_relation_add_remove_columns(target, missing, none) %}
  {% do oceanbase__check_snapshot_time(staged_columns, names.dbt_updated_at) %}

  {% call statement('main') -%}
    {{ snapshot_merge_sql(target, staging, insert_columns | map(attribute='quoted') | list) }}
  {%- endcall %}
  {{ return(staging) }}
{% endmacro %}

{#- The staged columns that belong to the history: not what only the comparison needs. -#}
{% macro oceanbase__snapshot_columns(columns, unique_key) %}
  {% set helpers = ['dbt_change_type', 'dbt_unique_key'] %}
  {% if unique_key | is_list %}
    {% for key in unique_key %}
      {% do helpers.append('dbt_unique_key_' ~ loop.index) %}
    {% endfor %}
  {% endif %}
  {% set kept = [] %}
  {% for column in columns if column.name | lower not in helpers %}
    {% do kept.append(column) %}
  {% endfor %}
  {{ return(kept) }}
{% endmacro %}

{#- dbt's warning about an updated_at that is no time, from the staged column instead of two more queries. -#}
{% macro oceanbase__check_snapshot_time(columns, updated_at_name) %}
  {% for column in columns if column.name | lower == updated_at_name | trim('`') | lower %}
    {% if column.dtype.split('(')[0] not in ('datetime', 'timestamp') %}
      {% do exceptions.warn_snapshot_timestamp_data_types('datetime(6)', column.dtype) %}
    {% endif %}
  {% endfor %}
{% endmacro %}
