{#-
  A column of numbers as the server can take their standard deviation. It sums squares: those of large BIGINT values are
  error 1690 (out of range), and those of floating point numbers lose what their deviation is.

  Args:
    column_name (str)
    data_type (str)
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
