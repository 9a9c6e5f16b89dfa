{#-
  The standard deviation of a sample. STDDEV of OceanBase is that of a population. The numbers are cast to DECIMAL,
  because the server adds up squares: those of floating point numbers lose the digits on which the deviation depends.

  Args:
    column_name (str): SQL
-#}
{% macro oceanbase__standard_deviation(column_name) -%}
  stddev_samp(cast({{ column_name }} as decimal(65, 30)))
{%- endmacro %}
