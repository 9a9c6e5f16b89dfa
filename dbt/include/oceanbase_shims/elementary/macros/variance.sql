{#-
  Return SQL for the variance of numbers as a sample. VARIANCE of OceanBase is the variance of a population. The numbers
  are cast to DECIMAL for the reason that oceanbase__standard_deviation gives.

  Args:
    column_name (str): SQL of the numbers
  Returns: str, SQL
-#}
{% macro oceanbase__variance(column_name) -%}
  var_samp(cast({{ column_name }} as decimal(65, 30)))
{%- endmacro %}
