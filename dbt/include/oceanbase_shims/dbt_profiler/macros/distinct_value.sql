{#-
  Return SQL of a column for COUNT(DISTINCT ...). This is the bytes of a text, because collations ignore case, accents
  and trailing blanks. For any other type it is the column itself.

  Args:
    column_name (str): the name of the column
    data_type (str): the name of its type in lower case, as in information_schema
  Returns: str, SQL
-#}
{% macro oceanbase__distinct_value(column_name, data_type) -%}
  {%- set column = adapter.quote(column_name) -%}
  {%- if data_type in ('char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'enum', 'set') -%}
    cast(convert({{ column }} using utf8mb4) as binary)
  {%- else -%}
    {{ column }}
  {%- endif -%}
{%- endmacro %}
