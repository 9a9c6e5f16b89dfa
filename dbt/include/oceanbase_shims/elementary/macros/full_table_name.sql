{#-
  Return SQL for the full name of a table in upper case, such as SHOP.ORDERS. The query that contains the SQL must have
  the columns schema_name and table_name.

  Args:
    alias (str | none): the alias of the subquery that has these columns
  Returns: str, SQL
-#}
{% macro oceanbase__full_table_name(alias) -%}
  {%- set prefix = alias ~ '.' if alias else '' -%}
  upper(concat({{ prefix }}schema_name, '.', {{ prefix }}table_name))
{%- endmacro %}
