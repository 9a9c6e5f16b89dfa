{% macro oceanbase__refresh_materialized_view(relation) -%}
  {{ adapter.refresh_statement(relation) }}
{%- endmacro %}
