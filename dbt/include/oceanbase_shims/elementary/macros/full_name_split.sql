{#-
  Return SQL for one part of the column full_table_name, such as SHOP.ORDERS, with the name of the part as its alias.
  The database is always NULL.

  Args:
    part_name (str): database_name, schema_name or table_name
  Returns: str, SQL
-#}
{% macro oceanbase__full_name_split(part_name) -%}
  {%- if part_name == 'database_name' -%}
    cast(null as char(64)) as database_name
  {%- elif part_name == 'schema_name' -%}
    substring_index(full_table_name, '.', 1) as schema_name
  {%- elif part_name == 'table_name' -%}
    substr(full_table_name, locate('.', full_table_name) + 1) as table_name
  {%- endif -%}
{%- endmacro %}
