{#-
  The full name of a table in upper case: schema and table, with a dot between them. OceanBase has no third part.

  Args:
    alias (str | none): of the relation that has the columns
-#}
{% macro oceanbase__full_table_name(alias) -%}
  {%- set prefix = alias ~ '.' if alias else '' -%}
  upper(concat({{ prefix }}schema_name, '.', {{ prefix }}table_name))
{%- endmacro %}
