{#-
  The variance of a sample, of exact numbers: VARIANCE is that of a population here.

  Args:
    column_name (str): SQL
-#}
{% macro oceanbase__variance(column_name) -%}
  var_samp(cast({{ column_name }} as decimal(65, 30)))
{%- endmacro %}
