{% materialization incremental, adapter='oceanbase' %}
  {% do oceanbase__refuse_unsupported() %}
  {% set target_relation = this.incorporate(type='table') %}
  {% set existing_relation = oceanbase__heal(target_relation, load_cached_relation(this)) %}
  {% set on_schema_change = incremental_validate_on_schema_change(config.get('on_schema_change'), default='ignore') %}
  {% set strategy = config.get('incremental_strategy') or 'default' %}
  {% set strategy_macro = adapter.get_incremental_strategy_macro(context, strategy) %}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {% if existing_relation is none or not existing_relation.is_table or should_full_refresh() %}
    {% do oceanbase__build(target_relation, existing_relation, sql) %}
  {% else %}
    {% set staging = oceanbase__incremental_update(target_relation, on_schema_change, strategy_macro, sql) %}
  {% endif %}

  {{ run_hooks(post_hooks, inside_transaction=True) }}
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
  Bring the target up to date from its SELECT: staged as a table, columns widened where they are too narrow, then
  the strategy's statements in one transaction with nothing but DML in it. The transaction stays open for the hooks
  that belong into it.

  Args:
    target (Relation)
    on_schema_change (str): ignore | fail | append_new_columns | sync_all_columns
    strategy_macro (callable): dbt's get_incremental_<strategy>_sql
    sql (str): the SELECT
  Returns: Relation, the staged table, to be dropped after the commit
-#}
{% macro oceanbase__incremental_update(target, on_schema_change, strategy_macro, sql) %}
  {% set staging = make_temp_relation(target) %}
  {% call statement('stage', auto_begin=False) -%}
    {{ create_table_as(True, staging, sql) }}
  {%- endcall %}

  {% set staged_columns, target_columns = adapter.columns_of([staging, target]) %}
  {% set contract = config.get('contract') %}
  {% set may_miss = on_schema_change in ('append_new_columns', 'sync_all_columns') %}
  {% if not (contract and contract.enforced) and adapter.widen(target, staged_columns, target_columns, may_miss) %}
    {% set target_columns = adapter.columns_of([target])[0] %}
  {% endif %}
  {% set dest_columns = process_schema_changes(on_schema_change, staging, target) or target_columns %}

  {% set arguments = {
    'target_relation': target,
    'temp_relation': staging,
    'unique_key': config.get('unique_key'),
    'dest_columns': dest_columns,
    'incremental_predicates': config.get('predicates', none) or config.get('incremental_predicates', none),
  } %}
  {% call statement('main') -%}
    {{ strategy_macro(arguments) }}
  {%- endcall %}
  {{ return(staging) }}
{% endmacro %}
