{% materialization snapshot, adapter='oceanbase' %}
  {% do oceanbase__refuse_unsupported_configs() %}
  {% set target_relation = this.incorporate(type='table') %}
  {% set existing_relation = oceanbase__recover_interrupted_run(target_relation, load_cached_relation(this)) %}
  {% if existing_relation is not none and not existing_relation.is_table %}
    {% do exceptions.relation_wrong_type(existing_relation, 'table') %}
  {% endif %}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {#-
    dbt calls the macro of a strategy with a bool that tells whether the target exists. dbt's strategies only test
    whether it is true. So the list of the target's columns can be passed instead, which is empty if the target does not
    exist.
  -#}
  {% set target_columns = adapter.get_columns_in_relation(existing_relation) if existing_relation is not none else [] %}
  {% set strategy_macro = strategy_dispatch(config.get('strategy')) %}
  {% set strategy = strategy_macro(model, 'snapshotted_data', 'source_data', model['config'], target_columns) %}
  {% do adapter.check_snapshot_key(strategy.unique_key, target_columns, target_relation) %}
  {#- dbt's macros put the query in parentheses -#}
  {% set query = adapter.without_final_semicolon(adapter.with_query_hints(model['compiled_code'], config)) %}
  {% if existing_relation is none %}
    {% do oceanbase__build_relation(target_relation, none, build_snapshot_table(strategy, query), keeps_rows=true) %}
    {% set staging = none %}
    {% set is_unchanged = false %}
  {% else %}
    {% set staging = oceanbase__snapshot_update(target_relation, target_columns, strategy, query) %}
    {% set is_unchanged = staging is none %}
  {% endif %}
  {{ return(oceanbase__commit_staged_rows(target_relation, existing_relation, staging, is_unchanged)) }}
{% endmaterialization %}

{#-
  Write the changes since the last snapshot to a staging table, and then to the snapshot's table in one transaction. The
  transaction stays open for the hooks that run inside it.

  If the server expects the comparison to be quick, one of the changes is queried before. If there is none, and the
  snapshot's table has all columns of the query, no staging table is created and no row is written. A SELECT converts a
  value that cannot be converted to NULL or 0, where the creation of a table fails. So after a warning of the query, the
  staging table is created. See oceanbase__snapshot_can_ask_first for the snapshots that are not asked.

  Args:
    target (Relation): the snapshot's table
    target_columns (list[Column]): the columns of the snapshot's table
    strategy (dict): dbt's snapshot strategy
    sql (str): the SELECT of the snapshot
  Returns: Relation or none, the staging table, which the caller drops after the COMMIT; none if nothing has changed
-#}
{% macro oceanbase__snapshot_update(target, target_columns, strategy, sql) %}
  {% set names = config.get('snapshot_table_column_names') or get_snapshot_table_column_names() %}
  {% do adapter.check_snapshot_target(target_columns, names, strategy) %}
  {% set source_columns = [] %}
  {% if strategy.hard_deletes in ('invalidate', 'new_record') %}
    {% set source_columns = get_column_schema_from_query(sql, config.get('sql_header')) | map(attribute='name') | list %}
  {% endif %}
  {% set staged_sql = oceanbase__snapshot_staging_table(strategy, sql, target, target_columns, source_columns) %}
  {% if oceanbase__snapshot_can_ask_first(target_columns, names) and adapter.is_quick(staged_sql) %}
    {% set first_sql = oceanbase__snapshot_staging_table(strategy, sql, target, target_columns, source_columns, first_only=true) %}
    {% do write(first_sql) %}
    {% set first = adapter.first_row(first_sql) %}
    {% set missing = oceanbase__snapshot_new_columns(first.columns, target_columns, strategy.unique_key) %}
    {% if first.is_missing and not first.has_warnings and not missing %}
      {% do oceanbase__drop_leftover(load_cached_relation(make_temp_relation(target))) %}
      {% do oceanbase__warn_updated_at_is_no_time(first.columns, names.dbt_updated_at) %}
      {% do oceanbase__apply_design_changes(target) %}
      {% do adapter.add_partitions(target, config) %}
      {% do store_result('main', response=first.response) %}
      {{ return(none) }}
    {% endif %}
  {% endif %}

  {% set staging = make_temp_relation(target) %}
  {% do oceanbase__stage_from_select('stage', staging, staged_sql, temporary=true) %}

  {% set staged_columns = adapter.get_columns_in_relation(staging) %}
  {% do adapter.widen_snapshot_target(target, staging, staged_columns, target_columns) %}
  {% do adapter.align_collation(staging, staged_columns, target_columns, names.dbt_scd_id) %}
  {% set insert_columns = oceanbase__snapshot_history_columns(staged_columns, strategy.unique_key) %}
  {% set missing = oceanbase__snapshot_new_columns(staged_columns, target_columns, strategy.unique_key) %}
  {% do alter_relation_add_remove_columns(target, missing, none) %}
  {% do oceanbase__apply_design_changes(target) %}
  {% do adapter.add_partitions(target, config, staging) %}
  {% do oceanbase__warn_updated_at_is_no_time(staged_columns, names.dbt_updated_at) %}

  {#- The result is missing if the project has its own macro oceanbase__snapshot_staging_table. -#}
  {% set key = load_result('snapshot_key') %}
  {% if key %}
    {% set same_key = oceanbase__snapshot_same_key(key.response, target_columns, staged_columns) %}
    {% do store_result('snapshot_same_key', response=same_key) %}
  {% endif %}
  {% call statement('main') -%}
    {{ snapshot_merge_sql(target, staging, insert_columns | map(attribute='quoted') | list) }}
  {%- endcall %}
  {{ return(staging) }}
{% endmacro %}

{#-
  Check whether one of a snapshot's changes may be queried before the staging table is created.

  It may not be if the config sql_header is set, because the statements of the header would run once more. It also may
  not be with the strategy check and a column of dates or times. A SELECT converts a text that is no time to NULL
  without a warning. Where the snapshot has a NULL, the row would seem unchanged, and the creation of the staging table
  fails.

  Args:
    target_columns (list[Column]): the columns of the snapshot's table
    names (dict): the names of dbt's own columns, such as dbt_valid_from
  Returns: bool
-#}
{% macro oceanbase__snapshot_can_ask_first(target_columns, names) %}
  {% set own = names.values() | map('lower') | list %}
  {% set times = [] %}
  {% for column in target_columns if column.name | lower not in own %}
    {% if column.dtype.split('(')[0] | lower in ('date', 'datetime', 'timestamp', 'time', 'year') %}{% do times.append(column) %}{% endif %}
  {% endfor %}
  {{ return(not config.get('sql_header') and (config.get('strategy') != 'check' or not times)) }}
{% endmacro %}

{#-
  Return the columns of the staging table that the snapshot's table does not have yet.

  Args:
    columns (list[Column]): the columns of the staging table
    target_columns (list[Column]): the columns of the snapshot's table
    unique_key (str | list[str]): the snapshot's config unique_key
  Returns: list[Column]
-#}
{% macro oceanbase__snapshot_new_columns(columns, target_columns, unique_key) %}
  {% set known = target_columns | map(attribute='name') | map('lower') | list %}
  {% set missing = [] %}
  {% for column in oceanbase__snapshot_history_columns(columns, unique_key) if column.name | lower not in known %}
    {% do missing.append(column) %}
  {% endfor %}
  {{ return(missing) }}
{% endmacro %}

{#-
  Return the columns of the staging table that are written to the snapshot's table. dbt_change_type and the columns of
  the unique key, such as dbt_unique_key_1, are left out, because only the comparison needs them.

  Args:
    columns (list[Column]): the columns of the staging table
    unique_key (str | list[str]): the snapshot's config unique_key
  Returns: list[Column]
-#}
{% macro oceanbase__snapshot_history_columns(columns, unique_key) %}
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

{#-
  Log dbt's warning if the column dbt_updated_at is neither a DATETIME nor a TIMESTAMP in the staging table. dbt's own
  check would send two queries for the type, which is already known here.

  Args:
    columns (list[Column]): the columns of the staging table
    updated_at_name (str): the configured name of dbt_updated_at
-#}
{% macro oceanbase__warn_updated_at_is_no_time(columns, updated_at_name) %}
  {% for column in columns if column.name | lower == updated_at_name | trim('`') | lower %}
    {% if column.dtype.split('(')[0] not in ('datetime', 'timestamp') %}
      {% do exceptions.warn_snapshot_timestamp_data_types('datetime(6)', column.dtype) %}
    {% endif %}
  {% endfor %}
{% endmacro %}
