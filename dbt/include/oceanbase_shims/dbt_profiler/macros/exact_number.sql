{#-
  SQL of a column of numbers for a standard deviation: a DECIMAL. The server adds up squares. Those of large BIGINT
  values fail with error 1690 (out of range). Those of floating point numbers lose the digits on which the deviation
  depends.

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
