{#-
  Return two statements for one transaction. The first one ends the current versions of rows that have changed or were
  deleted. The second one inserts the new versions.

  Args:
    target (Relation): the snapshot's table
    source (Relation): the staging table, see oceanbase__snapshot_staging_table
    insert_cols (list[str]): the quoted names of the columns to insert
  Returns: str, SQL
-#}
{% macro oceanbase__snapshot_merge_sql(target, source, insert_cols) -%}
  {%- set names = config.get('snapshot_table_column_names') or get_snapshot_table_column_names() -%}
  {%- set columns = insert_cols | join(', ') -%}
  update {{ target.render() }} as DBT_INTERNAL_DEST
  join {{ source }} as DBT_INTERNAL_SOURCE
    on DBT_INTERNAL_SOURCE.{{ names.dbt_scd_id }} = DBT_INTERNAL_DEST.{{ names.dbt_scd_id }}
  set DBT_INTERNAL_DEST.{{ names.dbt_valid_to }} = DBT_INTERNAL_SOURCE.{{ names.dbt_valid_to }}
  where DBT_INTERNAL_SOURCE.dbt_change_type in ('update', 'delete')
    and {{ oceanbase__snapshot_row_is_current(names, 'DBT_INTERNAL_DEST.') }};
  insert into {{ target.render() }} ({{ columns }})
  select {{ columns }} from {{ source }} where dbt_change_type = 'insert'
{%- endmacro %}
