{#-
  Return SQL for the full name of a column in upper case, such as SHOP.ORDERS.ID. The query that contains the SQL must
  have the columns schema_name, table_name and column_name.
-#}
{% macro oceanbase__full_column_name() -%}
  upper(concat(schema_name, '.', table_name, '.', column_name))
{%- endmacro %}
