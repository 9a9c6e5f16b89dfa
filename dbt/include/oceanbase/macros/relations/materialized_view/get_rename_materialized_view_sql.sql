{% macro oceanbase__get_rename_materialized_view_sql(relation, new_name) -%}
  {{ oceanbase__get_rename_table_sql(relation, new_name) }}
{%- endmacro %}
