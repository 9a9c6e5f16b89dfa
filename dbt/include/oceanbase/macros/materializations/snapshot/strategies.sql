{#-
  Return SQL for the dbt_scd_id of a row in the snapshot's table: the MD5 hash of the arguments, joined by bars.
  Different arguments give different texts to hash: NULL differs from the empty text, and with several keys a bar inside
  a key differs from the bar between two keys.

  Args:
    args (list[str]): SQL expressions
  Returns: str, SQL
-#}
{% macro oceanbase__snapshot_hash_arguments(args) -%}
  md5(concat_ws('|', {% for arg in args -%}
    {%- set text = 'cast(' ~ arg ~ ' as char)' -%}
    {%- if args | length > 2 -%}
      {%- set text = "replace(replace(" ~ text ~ ", '~', '~~'), '|', '~-')" -%}
    {%- endif -%}
    coalesce({{ text }}, '_dbt_null_'){{ ', ' if not loop.last }}
  {%- endfor %}))
{%- endmacro %}

{#-
  Return the timestamp strategy. This macro replaces dbt's macro, which has no dispatch.

  With hard_deletes=new_record, a version may begin later than its updated_at (see oceanbase__snapshot_insertions). So
  the updated_at of a selected row is compared with the dbt_updated_at of the current version, and not with its
  dbt_valid_from.

  Args: the arguments of dbt's macro; target_exists is the list of the columns of the snapshot's table, or a bool
  Returns: dict, dbt's snapshot strategy
-#}
{% macro snapshot_timestamp_strategy(node, snapshotted_rel, current_rel, model_config, target_exists) %}
  {% set unique_key = adapter.snapshot_columns('unique_key', config.get('unique_key')) %}
  {% set updated_at = adapter.snapshot_columns('updated_at', config.get('updated_at')) %}
  {% set hard_deletes = adapter.get_hard_deletes_behavior(config) %}
  {% set names = config.get('snapshot_table_column_names') or get_snapshot_table_column_names() %}
  {% set known = [] if target_exists is boolean else target_exists | map(attribute='name') | map('lower') | list %}
  {% set begin = snapshotted_rel ~ '.' ~ names.dbt_valid_from %}
  {% if hard_deletes == 'new_record' and names.dbt_updated_at | trim('`') | lower in known %}
    {% set begin = 'coalesce(' ~ snapshotted_rel ~ '.' ~ names.dbt_updated_at ~ ', ' ~ begin ~ ')' %}
  {% endif %}
  {% do return({
    'unique_key': unique_key,
    'updated_at': updated_at,
    'row_changed': '(' ~ begin ~ ' < ' ~ current_rel ~ '.' ~ updated_at ~ ')',
    'scd_id': snapshot_hash_arguments(api.Relation.scd_args(unique_key, updated_at)),
    'invalidate_hard_deletes': hard_deletes == 'invalidate',
    'hard_deletes': hard_deletes
  }) %}
{% endmacro %}

{#-
  Return the check strategy. This macro replaces dbt's macro, which has no dispatch and compares texts by the collation.

  Texts are compared byte for byte, and all other values null-safe. If a column has another kind of type in the SELECT
  than in the snapshot's table, its value is compared as the table would store it.

  Args: the arguments of dbt's macro; target_exists is the list of the columns of the snapshot's table, or a bool
  Returns: dict, dbt's snapshot strategy
  Raises: the errors of oceanbase__checked_columns
-#}
{% macro snapshot_check_strategy(node, snapshotted_rel, current_rel, model_config, target_exists) %}
  {% set unique_key = adapter.snapshot_columns('unique_key', config.get('unique_key')) %}
  {% set hard_deletes = adapter.get_hard_deletes_behavior(config) %}
  {% set names = config.get('snapshot_table_column_names') or get_snapshot_table_column_names() %}
  {% set known = [] if target_exists is boolean else target_exists %}
  {% set updated_at = adapter.snapshot_time(config.get('updated_at')) or oceanbase__snapshot_current_time(names.dbt_valid_from, names.dbt_valid_from, known) %}

  {#- The names are checked in the first run as well, in which nothing is compared. -#}
  {% if config.get('check_cols') | is_list %}{% do adapter.compared_columns(config.get('check_cols')) %}{% endif %}

  {%- set row_changed -%}
    {%- set checked = oceanbase__checked_columns(node['compiled_code'], config.get('check_cols'), target_exists) if target_exists -%}
    {%- if checked -%}
      not (
        {%- for column in checked %}
          {{- ' and ' if not loop.first }}
          {%- set stored, selected = snapshotted_rel ~ '.' ~ column.name, current_rel ~ '.' ~ column.name %}
          {{- oceanbase__same_as_stored(column.stored, stored, column.selected, selected) }}
        {%- endfor -%}
      )
    {%- else -%}
      {{ get_true_sql() }}
    {%- endif -%}
  {%- endset %}

  {% do return({
    'unique_key': unique_key,
    'updated_at': updated_at,
    'row_changed': row_changed,
    'scd_id': snapshot_hash_arguments(api.Relation.scd_args(unique_key, updated_at)),
    'invalidate_hard_deletes': hard_deletes == 'invalidate',
    'hard_deletes': hard_deletes
  }) %}
{% endmacro %}

{#-
  Return the columns that a snapshot with `strategy: check` compares.

  Args:
    sql (str): the SELECT of the snapshot
    check_cols (str | list[str]): 'all', or names of columns
    target_columns (list[Column] | bool): the columns of the snapshot's table, or true if the caller has not read them
  Returns: list[dict] with name (str, the quoted name), stored (Column of the snapshot's table) and selected (Column of
    the SELECT). The list is empty if the snapshot's table lacks a compared column, so that every row counts as changed.
  Raises: a compiler error if check_cols is neither 'all' nor a list with at least one name, or has an item that is no
    name
-#}
{% macro oceanbase__checked_columns(sql, check_cols, target_columns) %}
  {% if check_cols == 'all' %}
    {% set selected = get_column_schema_from_query(sql, config.get('sql_header')) %}
  {% elif check_cols is string or not check_cols is iterable or check_cols | length == 0 %}
    {% do exceptions.raise_compiler_error("Invalid value for 'check_cols': " ~ check_cols ~ ": give 'all' or a list of columns") %}
  {% else %}
    {% set compared = 'select ' ~ adapter.compared_columns(check_cols) | join(', ') ~ ' from (\n' ~ adapter.without_final_semicolon(sql) ~ '\n) as subq' %}
    {% set selected = get_column_schema_from_query(compared, config.get('sql_header')) %}
  {% endif %}
  {% set by_name = {} %}
  {% for column in (adapter.get_columns_in_relation(this) if target_columns is boolean else target_columns) %}
    {% do by_name.update({column.name | lower: column}) %}
  {% endfor %}
  {% set found = [] %}
  {% for column in selected %}
    {% if column.name | lower not in by_name %}
      {{ return([]) }}
    {% endif %}
    {% set stored = by_name[column.name | lower] %}
    {% do found.append({'name': column.quoted, 'stored': stored, 'selected': column}) %}
  {% endfor %}
  {{ return(found) }}
{% endmacro %}

{#-
  Return the condition that a column of the snapshot's table has the value that the snapshot selects now. Two NULLs are
  equal.

  Args:
    stored_column (Column): the column of the snapshot's table
    stored (str): SQL of this column
    selected_column (Column): the column of the SELECT
    selected (str): SQL of this column
  Returns: str, SQL
-#}
{% macro oceanbase__same_as_stored(stored_column, stored, selected_column, selected) -%}
  {%- set as_bytes = selected_column.compares_as_bytes_with(stored_column) -%}
  {%- set across_kinds = selected_column.same_as_stored(stored_column, selected, stored) -%}
  {%- if across_kinds is not none -%}
    {{ across_kinds }}
  {%- elif as_bytes and selected_column.compares_as_text() and stored_column.compares_as_text() -%}
    {{ oceanbase__same_text(stored, selected) }}
  {%- else -%}
    {{ oceanbase__same_value(stored, selected, as_bytes) }}
  {%- endif -%}
{%- endmacro %}
