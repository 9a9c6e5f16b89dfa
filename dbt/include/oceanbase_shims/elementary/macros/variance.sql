{#-
  The variance of a sample, of numbers that are cast to DECIMAL. VARIANCE of OceanBase is that of a population.

  Args:
    column_name (str): SQL
-#}
{% macro oceanbase__variance(column_name) -%}
  var_samp(cast({{ column_name }} as decimal(65, 30)))
{%- endmacro %}
