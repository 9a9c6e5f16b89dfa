{#-
  Return the SELECT of the changes since the last snapshot, with one row for each change. Its column dbt_change_type is
  `insert` for a new version, `update` for the end of the current version of a changed key, and `delete` for the end of
  the current version of a deleted key.

  Keys and the columns that the check strategy compares are compared with regard to case, accents and trailing blanks,
  which the default collation ignores. A NULL key equals itself. So the key of a row that a join has found may be NULL.
  The joins therefore test the column dbt_internal_found, which is NULL only if no row was found.

  A row for the end of a version has the key of this version. This is not so in a macro of the project in place of this
  one, such as a call of dbt's. So this macro stores the unique key as the result "snapshot_key".

  Args:
    strategy (dict): dbt's snapshot strategy
    source_sql (str): the SELECT of the snapshot
    target_relation (Relation): the snapshot's table
    target_columns (list[Column] or none): the columns of the snapshot's table; with none they are read from the server
    source_columns (list[str] or none): names of the columns that the snapshot's query selects, which are needed if the
      snapshot tracks deleted rows; with none they are queried then
    first_only (bool): return a SELECT of some of the changes, which has no row if nothing has changed. It also has a row
      if an updated_at is NULL with another strategy than check, because a SELECT converts a text that is no time to
      NULL, without a warning
  Returns: str, SQL
-#}
{% macro oceanbase__snapshot_staging_table(strategy, source_sql, target_relation, target_columns=none, source_columns=none, first_only=false) -%}
  {%- set names = config.get('snapshot_table_column_names') or get_snapshot_table_column_names() -%}
  {%- set tracks_deletes = strategy.hard_deletes in ('invalidate', 'new_record') -%}
  {%- set marks_deletes = strategy.hard_deletes == 'new_record' -%}
  {%- set target_columns = target_columns or adapter.get_columns_in_relation(target_relation) -%}
  {%- if source_columns is none -%}
    {%- set selected = get_column_schema_from_query(source_sql, config.get('sql_header')) if tracks_deletes else [] -%}
    {%- set source_columns = selected | map(attribute='name') | list -%}
  {%- endif -%}
  {%- do store_result('snapshot_key', response=strategy.unique_key) -%}
  {%- set keys_match = oceanbase__snapshot_keys_match(strategy.unique_key, target_columns) -%}
  {%- set is_open = oceanbase__snapshot_row_is_current(names) -%}
  {#- versions of runs without new_record have NULL -#}
  {%- set was_deleted = 'snapshotted_data.' ~ names.dbt_is_deleted ~ " <=> 'True'" -%}
  with snapshot_query as (
    {{ source_sql }}
  ),
  snapshotted_data as (
    select *, {{ unique_key_fields(strategy.unique_key) }}, 1 as dbt_internal_found
    from {{ target_relation }}
    where {{ is_open }}
  ),
  insertions_source_data as (
    select *, {{ unique_key_fields(strategy.unique_key) }},
      {{ strategy.updated_at }} as {{ names.dbt_updated_at }},
      {{ strategy.updated_at }} as {{ names.dbt_valid_from }},
      {{ get_dbt_valid_to_current(strategy, names, target_columns) }},
      {{ strategy.scd_id }} as {{ names.dbt_scd_id }}
    from snapshot_query
  ),
  updates_source_data as (
    select *, {{ unique_key_fields(strategy.unique_key) }},
      {{ strategy.updated_at }} as {{ names.dbt_updated_at }},
      {{ strategy.updated_at }} as {{ names.dbt_valid_from }},
      {{ strategy.updated_at }} as {{ names.dbt_valid_to }}
    from snapshot_query
  ),
  {%- if tracks_deletes %}
  deletes_source_data as (
    select *, {{ unique_key_fields(strategy.unique_key) }}, 1 as dbt_internal_found
    from snapshot_query
  ),
  {%- endif %}
  insertions as (
    {%- if marks_deletes %}
    {{ oceanbase__snapshot_insertions(strategy, source_columns, target_columns, names) }}
    {%- else %}
    select 'insert' as dbt_change_type, source_data.*
    {%- endif %}
    from insertions_source_data as source_data
    left join snapshotted_data on {{ keys_match }}
    where snapshotted_data.dbt_internal_found is null
      or ({{ strategy.row_changed }} {%- if marks_deletes %} or {{ was_deleted }}{% endif %})
      {%- if first_only and config.get('strategy') != 'check' %} or source_data.{{ names.dbt_updated_at }} is null{% endif %}
  ),
  updates as (
    {%- if marks_deletes %}
    {{ oceanbase__snapshot_ends(strategy, source_columns, target_columns, names) }}
    {%- else %}
    select 'update' as dbt_change_type, source_data.*, snapshotted_data.{{ names.dbt_scd_id }}
    {%- endif %}
    from updates_source_data as source_data
    join snapshotted_data on {{ keys_match }}
    where {{ strategy.row_changed }} {%- if marks_deletes %} or {{ was_deleted }}{% endif %}
  )
  {%- if tracks_deletes %},
  deletes as (
    select 'delete' as dbt_change_type,
      {%- for column in source_columns %} source_data.{{ adapter.quote(column) }},{% endfor %}
      {{ oceanbase__snapshot_key_list('snapshotted_data', strategy.unique_key) }},
      {{ oceanbase__snapshot_current_time(names.dbt_updated_at, names.dbt_valid_from, target_columns) }} as {{ names.dbt_updated_at }},
      {{ oceanbase__snapshot_current_time(names.dbt_valid_from, names.dbt_valid_from, target_columns) }} as {{ names.dbt_valid_from }},
      {{ oceanbase__snapshot_current_time(names.dbt_valid_to, names.dbt_valid_from, target_columns) }} as {{ names.dbt_valid_to }},
      snapshotted_data.{{ names.dbt_scd_id }}
      {%- if marks_deletes %}, snapshotted_data.{{ names.dbt_is_deleted }}{% endif %}
    from snapshotted_data
    left join deletes_source_data as source_data on {{ keys_match }}
    where source_data.dbt_internal_found is null
      {%- if marks_deletes %} and not ({{ was_deleted }}){% endif %}
  )
  {%- endif %}
  {%- if marks_deletes %},
  {{ oceanbase__snapshot_deletion_records(strategy, source_columns, target_columns, names, keys_match, was_deleted) }}
  {%- endif %}
  {%- if first_only %}
  {#-
    Each key with an `update` has an `insert`, and each key with a deletion record has a `delete`. With `limit 1`, the
    kernels execute the whole join in batches of one row, which takes three times as long (docs/performance.md).
  #}
  (select * from insertions limit 64)
  {%- if tracks_deletes %}
  union all
  (select * from deletes limit 64)
  {%- endif %}
  {%- else %}
  select * from insertions
  union all
  select * from updates
  {%- if tracks_deletes %}
  union all
  select * from deletes
  {%- endif %}
  {%- if marks_deletes %}
  union all
  select * from deletion_records
  {%- endif %}
  {%- endif %}
{%- endmacro %}

{#-
  Return a SELECT list of the columns of the unique key. They have the names that dbt's macro unique_key_fields gives
  them: dbt_unique_key, or dbt_unique_key_1 and so on for a list.

  Args:
    alias (str): the alias of the subquery with these columns
    unique_key (str | list[str]): the snapshot's config unique_key
  Returns: str, SQL
-#}
{% macro oceanbase__snapshot_key_list(alias, unique_key) -%}
  {%- if unique_key | is_list -%}
    {%- for key in unique_key -%}{{ alias }}.dbt_unique_key_{{ loop.index }}{{ ', ' if not loop.last }}{%- endfor -%}
  {%- else -%}
    {{ alias }}.dbt_unique_key
  {%- endif -%}
{%- endmacro %}

{#-
  Return the condition that a row of the snapshot's table and a selected row have the same key. A key that is a column
  of text is compared byte for byte, and any other column by its value. A key that is an expression is compared byte for
  byte, because it is nearly always text.

  Args:
    unique_key (str | list[str]): the snapshot's config unique_key
    target_columns (list[Column]): the columns of the snapshot's table
  Returns: str, SQL
-#}
{% macro oceanbase__snapshot_keys_match(unique_key, target_columns) -%}
  {%- set by_name = {} -%}
  {%- for column in target_columns -%}{%- do by_name.update({column.name | lower: column}) -%}{%- endfor -%}
  {%- set keys = unique_key if unique_key | is_list else [unique_key] -%}
  {%- for key in keys -%}
    {%- set name = 'dbt_unique_key' ~ ('_' ~ loop.index if unique_key | is_list else '') -%}
    {%- set column = by_name.get(key | trim('`') | lower) -%}
    {%- set stored, selected = 'snapshotted_data.' ~ name, 'source_data.' ~ name -%}
    {{ ' and ' if not loop.first }}
    {{- oceanbase__same_text(stored, selected) if column is not none and column.compares_as_text() else oceanbase__same_value(stored, selected, column is none) }}
  {%- endfor -%}
{%- endmacro %}

{#-
  Return the condition that a row of the snapshot's table is a current version: its dbt_valid_to is NULL, or the value
  of the config dbt_valid_to_current.

  Args:
    names (dict): the configured name of each column that dbt adds, by dbt's name such as dbt_scd_id
    alias (str): a prefix of the column name, with its dot
  Returns: str, SQL
-#}
{% macro oceanbase__snapshot_row_is_current(names, alias='') -%}
  {%- set valid_to = alias ~ names.dbt_valid_to -%}
  {%- set current = config.get('dbt_valid_to_current') -%}
  {%- if current -%}
    ({{ valid_to }} = {{ adapter.typed_moment(current) }} or {{ valid_to }} is null)
  {%- else -%}
    {{ valid_to }} is null
  {%- endif -%}
{%- endmacro %}
