{#-
  Return two statements for one transaction. The first one ends the current versions of rows that have changed or were
  deleted. The second one inserts the new versions.

  A current version is ended if it has the dbt_scd_id and the key of a staged row. The dbt_scd_id alone is not enough,
  because many rows share one if the table was filled by the adapter type obmysql. The condition for the key is the
  result "snapshot_same_key", see oceanbase__snapshot_same_key. It is missing if the project has its own materialization
  of snapshots, or its own macro oceanbase__snapshot_staging_table.

  Args:
    target (Relation): the snapshot's table
    source (Relation): the staging table, see oceanbase__snapshot_staging_table
    insert_cols (list[str]): the quoted names of the columns to insert
  Returns: str, SQL
-#}
{% macro oceanbase__snapshot_merge_sql(target, source, insert_cols) -%}
  {%- set names = config.get('snapshot_table_column_names') or get_snapshot_table_column_names() -%}
  {%- set columns = insert_cols | join(', ') -%}
  {%- set same_key = load_result('snapshot_same_key') -%}
  {#- A result can be loaded once, and a macro of the project may call this one several times. -#}
  {%- if same_key %}{% do store_result('snapshot_same_key', response=same_key.response) %}{% endif %}
  update {{ target.render() }} as DBT_INTERNAL_DEST
  join {{ source }} as DBT_INTERNAL_SOURCE
    on DBT_INTERNAL_SOURCE.{{ names.dbt_scd_id }} = DBT_INTERNAL_DEST.{{ names.dbt_scd_id }}
    {{- same_key.response if same_key }}
  set DBT_INTERNAL_DEST.{{ names.dbt_valid_to }} = DBT_INTERNAL_SOURCE.{{ names.dbt_valid_to }}
  where DBT_INTERNAL_SOURCE.dbt_change_type in ('update', 'delete')
    and {{ oceanbase__snapshot_row_is_current(names, 'DBT_INTERNAL_DEST.') }};
  insert into {{ target.render() }} ({{ columns }})
  select {{ columns }} from {{ source }} where dbt_change_type = 'insert'
{%- endmacro %}

{#-
  Return the conditions that a row of the snapshot's table and a staged row have the same key, each after an "and". The
  text is empty if no part of the key can be compared.

  A part of the key can be compared if it is a column, which may be in backticks. It cannot if one of the two columns is
  text and the other one is not, because the staging table may have another text of the value than the comparison makes.

  Args:
    unique_key (str | list[str]): the snapshot's unique key
    target_columns (list[Column]): the columns of the snapshot's table, which is DBT_INTERNAL_DEST in the conditions
    staged_columns (list[Column]): the columns of the staging table, which is DBT_INTERNAL_SOURCE in the conditions
  Returns: str, SQL
-#}
{% macro oceanbase__snapshot_same_key(unique_key, target_columns, staged_columns) -%}
  {%- set stored_by_name, staged_by_name = {}, {} -%}
  {%- for column in target_columns -%}{%- do stored_by_name.update({column.name | lower: column}) -%}{%- endfor -%}
  {%- for column in staged_columns -%}{%- do staged_by_name.update({column.name | lower: column}) -%}{%- endfor -%}
  {%- for key in (unique_key if unique_key | is_list else [unique_key]) -%}
    {%- set stored = stored_by_name.get(key | trim('`') | lower) -%}
    {%- set staged = staged_by_name.get('dbt_unique_key' ~ ('_' ~ loop.index if unique_key | is_list else '')) -%}
    {%- if stored and staged and stored.compares_as_text() == staged.compares_as_text() -%}
      {%- set left, right = 'DBT_INTERNAL_DEST.' ~ stored.quoted, 'DBT_INTERNAL_SOURCE.' ~ staged.name -%}
      {%- set is_text = stored.compares_as_text() -%}
      {{ ' and ' ~ (oceanbase__same_text(left, right) if is_text else oceanbase__same_value(left, right, false)) }}
    {%- endif -%}
  {%- endfor -%}
{%- endmacro %}
