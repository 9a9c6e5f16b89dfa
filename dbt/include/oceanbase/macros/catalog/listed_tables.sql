{#-
  Return a query for the tables, views and materialized views of a schema or of several. Those that are not for a
  project are left out, see oceanbase__is_offered.

  Args:
    condition (str): SQL condition for `table_schema` and `table_name`
  Returns: str, SQL of a query with the columns table_schema, table_name and table_type. The type is that of
    information_schema.tables, or 'materialized_view'.
-#}
{% macro oceanbase__listed_tables(condition) -%}
  select table_schema, table_name, table_type
  from information_schema.tables
  where {{ condition }} and {{ oceanbase__is_offered('table_name') }}
  {%- if adapter.has_materialized_views() %}
  union all
  select table_schema, table_name, 'materialized_view'
  from (select owner as table_schema, mview_name as table_name from oceanbase.DBA_MVIEWS) as dbt_views
  where {{ condition }} and {{ oceanbase__is_offered('table_name') }}
  {%- endif %}
{%- endmacro %}
