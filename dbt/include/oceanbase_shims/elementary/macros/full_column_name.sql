{#-
  The full name of a column in upper case: schema, table and column, with dots between them.
-#}
{% macro oceanbase__full_column_name() -%}
  upper(concat(schema_name, '.', table_name, '.', column_name))
{%- endmacro %}
