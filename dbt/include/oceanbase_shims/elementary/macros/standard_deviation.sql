{#-
  Return SQL for the standard deviation of numbers as a sample. STDDEV of OceanBase is the deviation of a population.
  The numbers are cast to DECIMAL, because the server adds up their squares, and the squares of floating point numbers
  would lose the digits on which the deviation depends.

  Args:
    column_name (str): SQL of the numbers
  Returns: str, SQL
-#}
{% macro oceanbase__standard_deviation(column_name) -%}
  stddev_samp(cast({{ column_name }} as decimal(65, 30)))
{%- endmacro %}
