{% materialization incremental, adapter='oceanbase' %}
  {% do oceanbase__refuse_unsupported() %}
  {% set strategy = config.get('incremental_strategy') or 'default' %}
  {% set strategy_macro = adapter.get_incremental_strategy_macro(context, strategy) %}
  {% do adapter.check_incremental(oceanbase__incremental_config()) %}
  {% set target_relation = this.incorporate(type='table') %}
  {% set existing_relation = oceanbase__heal(target_relation, load_cached_relation(this)) %}
  {% do oceanbase__drop_leftover_batches(target_relation) %}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {% if existing_relation is none or not existing_relation.is_table or should_full_refresh() %}
    {% do oceanbase__build(target_relation, existing_relation, sql, keeps_rows=not should_full_refresh()) %}
  {% else %}
    {% set staging = oceanbase__incremental_update(target_relation, strategy, strategy_macro, sql) %}
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

{#- What a model may say about its increments, for the check of the strategy. Returns: dict -#}
{% macro oceanbase__incremental_config() %}
  {{ return({
    'strategy': config.get('incremental_strategy'),
    'unique_key': config.get('unique_key'),
    'incremental_predicates': config.get('predicates', none) or config.get('incremental_predicates', none),
    'partitions': config.get('partitions'),
    'partition_by': config.get('partition_by'),
    'merge_update_columns': config.get('merge_update_columns'),
    'merge_exclude_columns': config.get('merge_exclude_columns'),
    'on_schema_change': config.get('on_schema_change'),
  }) }}
{% endmacro %}

{#- Batches that a killed run has staged: dbt runs a model's first batch alone, so none of them is in use. -#}
{% macro oceanbase__drop_leftover_batches(target) %}
  {% if model.batch %}
    {% for leftover in adapter.leftover_batches(target) %}
      {% do oceanbase__assert_leftover(leftover) %}
      {% do adapter.drop_relation(leftover) %}
    {% endfor %}
  {% endif %}
{% endmacro %}

{#-
  Bring the target up to date from its SELECT: staged as a table, columns widened where they are too narrow, then
  the strategy's statements in one transaction with nothing but DML in it. The transaction stays open for the hooks
  that belong into it. What the server refuses inside of a transaction goes before one.

  Args:
    target (Relation)
    strategy (str): its name
    strategy_macro (callable): dbt's get_incremental_<strategy>_sql
    sql (str): the SELECT
  Returns: Relation, the staged table, to be dropped after the commit
-#}
{% macro oceanbase__incremental_update(target, strategy, strategy_macro, sql) %}
  {% set staging = adapter.staging_of(target, model.batch) %}
  {% call statement('stage', auto_begin=False) -%}
    {{ create_table_as(True, staging, sql) }}
  {%- endcall %}
  {% set staged_rows = load_result('stage').response.rows_affected %}

  {% set arguments = {
    'target_relation': target,
    'temp_relation': staging,
    'unique_key': config.get('unique_key'),
    'dest_columns': oceanbase__fit_columns(target, staging),
    'incremental_predicates': config.get('predicates', none) or config.get('incremental_predicates', none),
  } %}
  {% set statements = strategy_macro(arguments) %}
  {% set outside = adapter.runs_outside(statements) %}
  {% if outside %}
    {% do adapter.commit() %}
  {% endif %}
  {% call statement('main', auto_begin=not outside) -%}
    {{ statements }}
  {%- endcall %}
  {% if strategy == 'merge' %}
    {% do store_result('main', response=adapter.with_rows(load_result('main').response, staged_rows)) %}
  {% endif %}
  {{ return(staging) }}
{% endmacro %}

{#-
  Make the columns of the target and of the staged rows fit each other. Batches of one model take turns here.

  Args:
    target (Relation), staging (Relation)
  Returns: list[Column], those that the strategy writes
-#}
{% macro oceanbase__fit_columns(target, staging) %}
  {% set on_schema_change = config.get('on_schema_change') or 'ignore' %}
  {% set contract = config.get('contract') %}
  {% if model.batch %}
    {% do adapter.hold(target) %}
  {% endif %}
  {% set staged_columns, target_columns = oceanbase__columns_of_both(staging, target) %}
  {% set may_miss = on_schema_change in ('append_new_columns', 'sync_all_columns') %}
  {% set declared = contract and contract.enforced %}
  {#- fail and sync_all_columns have an answer of their own to a column that gets another type -#}
  {% set keeps_type = on_schema_change in ('ignore', 'append_new_columns') %}
  {% if (keeps_type or not declared) and adapter.widen(
    target, staged_columns, target_columns, may_miss, not declared, staging if keeps_type else none, oceanbase__retype_remedy(declared)
  ) %}
    {% set target_columns = adapter.columns_of([target])[0] %}
  {% endif %}
  {% set dest_columns = process_schema_changes(on_schema_change, staging, target) or adapter.written_columns(target_columns, staged_columns) %}
  {% do adapter.let_go() %}
  {#- sync_all_columns has given the target the staged types, and target_columns are those of before -#}
  {% if config.get('unique_key') and on_schema_change != 'sync_all_columns' %}
    {% do adapter.align(staging, staged_columns, target_columns, oceanbase__key_expressions(config.get('unique_key'), target_columns)) %}
  {% endif %}
  {{ return(dest_columns) }}
{% endmacro %}

{#- What to do about a column whose type does not hold a staged value. Returns: str -#}
{% macro oceanbase__retype_remedy(declared) %}
  {% if declared %}
    {{ return('declare in the contract the type that the column has, or run with --full-refresh') }}
  {% endif %}
  {{ return('cast it in the model, or give the column its new type: on_schema_change: sync_all_columns, or --full-refresh') }}
{% endmacro %}
