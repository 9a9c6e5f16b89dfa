{#-
  The schema, the name of a table and that of a column in upper case.
-#}
{% macro oceanbase__full_column_name() -%}
  upper(concat(schema_name, '.', table_name, '.', column_name))
{%- endmacro %}
