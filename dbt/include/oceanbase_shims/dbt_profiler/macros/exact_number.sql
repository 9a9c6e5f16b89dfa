{#-
  Return SQL of a column of numbers as a DECIMAL, for a standard deviation. The server adds up the squares of the
  numbers. The squares of large BIGINT values would fail with error 1690 (out of range). The squares of floating point
  numbers would lose the digits on which the deviation depends.

  Args:
    column_name (str): the name of the column
    data_type (str): the name of its type in lower case, as in information_schema
  Returns: str, SQL
-#}
{% macro oceanbase__exact_number(column_name, data_type) -%}
  {%- set column = adapter.quote(column_name) -%}
  {%- if data_type in ('float', 'double') -%}
    cast({{ column }} as decimal(65, 30))
  {%- elif 'int' in data_type -%}
    cast({{ column }} as decimal(30, 0))
  {%- else -%}
    {{ column }}
  {%- endif -%}
{%- endmacro %}
