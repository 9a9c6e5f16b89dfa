{#-
  Return the common table expression `deletion_records`, for a snapshot with hard_deletes=new_record. It has one row to
  insert for each key that the snapshot's query no longer selects. The row says from when on the key is deleted, and has
  the last known values of the other columns.

  Args:
    strategy (dict): dbt's snapshot strategy
    source_columns (list[str]): names of the columns that the snapshot's query selects
    target_columns (list[Column]): the columns of the snapshot's table
    names (dict): the configured name of each column that dbt adds, by dbt's name such as dbt_scd_id
    keys_match (str): SQL condition that a row of the snapshot's table and a selected row have the same key
    was_deleted (str): SQL condition that a row of the snapshot's table is already such a deletion record
  Returns: str, SQL
-#}
{% macro oceanbase__snapshot_deletion_records(strategy, source_columns, target_columns, names, keys_match, was_deleted) -%}
  {%- set known = target_columns | map(attribute='name') | map('lower') | list -%}
  {%- set scd_id = snapshot_hash_arguments(['snapshotted_data.' ~ names.dbt_scd_id, snapshot_get_time()]) -%}
  deletion_records as (
    select 'insert' as dbt_change_type,
      {%- for column in source_columns %}
      {{ 'snapshotted_data' if column | lower in known else 'source_data' }}.{{ adapter.quote(column) }},
      {%- endfor %}
      {{ oceanbase__snapshot_key_list('snapshotted_data', strategy.unique_key) }},
      {{ oceanbase__snapshot_current_time(names.dbt_updated_at, names.dbt_valid_from, target_columns) }} as {{ names.dbt_updated_at }},
      {{ oceanbase__snapshot_current_time(names.dbt_valid_from, names.dbt_valid_from, target_columns) }} as {{ names.dbt_valid_from }},
      snapshotted_data.{{ names.dbt_valid_to }},
      {{ scd_id }} as {{ names.dbt_scd_id }},
      'True' as {{ names.dbt_is_deleted }}
    from snapshotted_data
    left join deletes_source_data as source_data on {{ keys_match }}
    where source_data.dbt_internal_found is null and not ({{ was_deleted }})
  )
{%- endmacro %}

{#-
  Return the SELECT list of the rows that are new versions, for a snapshot with hard_deletes=new_record.

  A row that comes back after its deletion may have its old updated_at. A version that began at that time would overlap
  the record of the deletion. So this version begins at the current time, and its dbt_scd_id is a hash of the record's
  dbt_scd_id and the current time.

  Args: the first four arguments of oceanbase__snapshot_deletion_records
  Returns: str, SQL
-#}
{% macro oceanbase__snapshot_insertions(strategy, source_columns, target_columns, names) -%}
  {%- set scd_id = snapshot_hash_arguments(['snapshotted_data.' ~ names.dbt_scd_id, snapshot_get_time()]) -%}
  select 'insert' as dbt_change_type, {{ oceanbase__snapshot_source_list(source_columns, strategy.unique_key) }},
      source_data.{{ names.dbt_updated_at }},
      {{ oceanbase__snapshot_begin(names.dbt_valid_from, target_columns, names) }},
      source_data.{{ names.dbt_valid_to }},
      case when {{ oceanbase__snapshot_begins_later(names) }} then source_data.{{ names.dbt_scd_id }} else {{ scd_id }} end as {{ names.dbt_scd_id }},
      'False' as {{ names.dbt_is_deleted }}
{%- endmacro %}

{#-
  Return the SELECT list of the rows that end current versions, for a snapshot with hard_deletes=new_record. A version
  ends at the time when the next version of its key begins.

  Args: the first four arguments of oceanbase__snapshot_deletion_records
  Returns: str, SQL
-#}
{% macro oceanbase__snapshot_ends(strategy, source_columns, target_columns, names) -%}
  select 'update' as dbt_change_type, {{ oceanbase__snapshot_source_list(source_columns, strategy.unique_key) }},
      source_data.{{ names.dbt_updated_at }},
      {{ oceanbase__snapshot_begin(names.dbt_valid_from, target_columns, names) }},
      {{ oceanbase__snapshot_begin(names.dbt_valid_to, target_columns, names) }},
      snapshotted_data.{{ names.dbt_scd_id }},
      snapshotted_data.{{ names.dbt_is_deleted }}
{%- endmacro %}

{#-
  Return a part of a SELECT list: the columns that the snapshot's query selects, then the columns of the unique key.

  Args:
    source_columns (list[str]): names of the columns that the snapshot's query selects
    unique_key (str | list[str]): the snapshot's config unique_key
  Returns: str, SQL
-#}
{% macro oceanbase__snapshot_source_list(source_columns, unique_key) -%}
  {%- for column in source_columns -%}source_data.{{ adapter.quote(column) }}, {% endfor -%}
  {{ oceanbase__snapshot_key_list('source_data', unique_key) }}
{%- endmacro %}

{#-
  Return SQL of a column for the time when a new version begins. This is the row's updated_at. If the version before did
  not begin earlier than that, it is the current time.

  Args:
    column_name (str): the name of the column, which is the alias of the SQL
    target_columns (list[Column]): the columns of the snapshot's table
    names (dict): the configured name of each column that dbt adds, by dbt's name such as dbt_scd_id
  Returns: str, SQL
-#}
{% macro oceanbase__snapshot_begin(column_name, target_columns, names) -%}
  case when {{ oceanbase__snapshot_begins_later(names) }} then source_data.{{ column_name }}
    else {{ oceanbase__snapshot_current_time(column_name, names.dbt_valid_from, target_columns) }} end as {{ column_name }}
{%- endmacro %}

{#-
  Return the condition that a selected row is the first row of its key, or begins later than the current version of its
  key.

  Args:
    names (dict): the configured name of each column that dbt adds, by dbt's name such as dbt_scd_id
  Returns: str, SQL
-#}
{% macro oceanbase__snapshot_begins_later(names) -%}
  snapshotted_data.dbt_internal_found is null or snapshotted_data.{{ names.dbt_valid_from }} < source_data.{{ names.dbt_valid_from }}
{%- endmacro %}
