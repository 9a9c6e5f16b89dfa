{#-
  SQL of a column for a count of its distinct values: the bytes of a text, because collations ignore case, accents and
  blanks, and the column itself for any other type.

  Args:
    column_name (str)
    data_type (str): name of the type in lower case, as in information_schema
-#}
{% macro oceanbase__distinct_value(column_name, data_type) -%}
  {%- set column = adapter.quote(column_name) -%}
  {%- if data_type in ('char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'enum', 'set') -%}
    cast(convert({{ column }} using utf8mb4) as binary)
  {%- else -%}
    {{ column }}
  {%- endif -%}
{%- endmacro %}
