{% materialization incremental, adapter='oceanbase' %}
  {% do oceanbase__refuse_unsupported_configs() %}
  {% set strategy = config.get('incremental_strategy') or 'default' %}
  {% set strategy_macro = adapter.get_incremental_strategy_macro(context, strategy) %}
  {% do adapter.check_incremental_config(config, should_full_refresh()) %}
  {% set target_relation = this.incorporate(type='table') %}
  {% set compiled_with = load_cached_relation(this) %}
  {% set existing_relation = oceanbase__recover_interrupted_run(target_relation, compiled_with) %}
  {% set replaces_table = should_full_refresh() and not adapter.retries_batches(config) %}
  {% set updates_table = existing_relation is not none and existing_relation.is_table and not replaces_table %}
  {% if updates_table and (compiled_with is none or not compiled_with.is_table) %}
    {% do adapter.check_restored(config, target_relation) %}
  {% endif %}
  {% do oceanbase__drop_leftover_batches(target_relation) %}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {% if updates_table %}
    {% set staging = oceanbase__incremental_update(target_relation, strategy, strategy_macro, sql) %}
  {% else %}
    {% do oceanbase__build_relation(target_relation, existing_relation, sql, keeps_rows=not replaces_table) %}
    {% set staging = none %}
  {% endif %}
  {{ return(oceanbase__commit_staged_rows(target_relation, existing_relation, staging)) }}
{% endmaterialization %}

{#-
  Drop the staging tables that a killed run has left for batches of a microbatch model. For any other model, nothing is
  done.

  Each batch runs this macro, but only the first batch finds such tables in dbt's cache. dbt runs the first batch alone.
  So no staging table of a batch that runs at the same time is dropped.

  Args:
    target (Relation): the model's table
-#}
{% macro oceanbase__drop_leftover_batches(target) %}
  {% if model.batch %}
    {% for leftover in adapter.leftover_batches(target) %}
      {% do oceanbase__drop_leftover(leftover) %}
    {% endfor %}
  {% endif %}
{% endmacro %}

{#-
  Write the new rows of a model to its existing table.

  First, the new rows are written to a staging table. Constraints that the contract has got since the target was created
  are enforced on these rows. Columns of the target that are too narrow for the new rows are widened. The constraints
  are added to the target if its rows fulfil them. The indexes and options of the target are changed to those in the
  configs.

  Then the strategy's statements run in one transaction, which contains only DML. The transaction stays open for the
  hooks that run inside it. A statement that the server refuses in a transaction runs before the transaction begins.

  Args:
    target (Relation): the model's table
    strategy (str): the name of the incremental strategy
    strategy_macro (callable): dbt's macro get_incremental_<strategy>_sql
    sql (str): the SELECT of the model
  Returns: Relation, the staging table, which the caller drops after the COMMIT
-#}
{% macro oceanbase__incremental_update(target, strategy, strategy_macro, sql) %}
  {% set staging = adapter.staging_relation(target, model.batch) %}
  {% do oceanbase__stage_from_select('stage', staging, sql, temporary=true) %}
  {% set staged_rows = load_result('stage').response.rows_affected %}

  {% set is_agreed = config.get('contract').enforced %}
  {% set missing = adapter.missing_constraints(target, staging, model['columns'], model['constraints']) if is_agreed else [] %}
  {% set arguments = {
    'target_relation': target,
    'temp_relation': staging,
    'unique_key': config.get('unique_key'),
    'dest_columns': adapter.fit_columns(target, staging, config, model.batch, process_schema_changes),
    'incremental_predicates': adapter.incremental_predicates(config),
    'staged_rows': staged_rows,
  } %}
  {% do adapter.check_predicates(config, arguments.dest_columns) %}
  {#- all batches of a microbatch model have the same contract: one looks for custom constraints, and one warns -#}
  {% set with_custom = adapter.first_time('custom constraints of ' ~ target) %}
  {% for warning in adapter.apply_constraints(target, missing, with_custom) %}
    {% if adapter.first_time(warning) %}
      {% do exceptions.warn(warning) %}
    {% endif %}
  {% endfor %}
  {% do oceanbase__apply_design_changes(target) %}
  {% do adapter.add_partitions(target, config, staging) %}
  {% set statements = strategy_macro(arguments) %}
  {% set outside = adapter.runs_outside_transaction(statements) %}
  {% if outside %}
    {% do adapter.commit() %}
  {% endif %}
  {% call statement('main', auto_begin=not outside) -%}
    {{ statements }}
  {%- endcall %}
  {% if strategy == 'merge' %}
    {% do store_result('main', response=adapter.with_row_count(load_result('main').response, staged_rows)) %}
  {% endif %}
  {{ return(staging) }}
{% endmacro %}
