{% macro oceanbase__get_create_materialized_view_as_sql(relation, sql) -%}
  {{ adapter.create_materialized_view_sql(relation, config, sql, oceanbase__view_description()) }}
{%- endmacro %}
