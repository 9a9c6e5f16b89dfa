{#-
  Return SQL for the variance of numbers as a sample. VARIANCE of OceanBase is the variance of a population. The numbers
  are cast to DECIMAL, because the server adds up their squares, and the squares of floating point numbers would lose
  the digits on which the variance depends.

  Args:
    column_name (str): SQL of the numbers
  Returns: str, SQL
-#}
{% macro oceanbase__variance(column_name) -%}
  var_samp(cast({{ column_name }} as decimal(65, 30)))
{%- endmacro %}
