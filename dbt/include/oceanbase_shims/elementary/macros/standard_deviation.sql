{#-
  The standard deviation of a sample, of exact numbers: STDDEV is that of a population here. The server adds up squares, in
  which floating point numbers lose what their deviation is.

  Args:
    column_name (str): SQL
-#}
{% macro oceanbase__standard_deviation(column_name) -%}
  stddev_samp(cast({{ column_name }} as decimal(65, 30)))
{%- endmacro %}
