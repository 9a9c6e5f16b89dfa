{#-
  The standard deviation of a sample, or NULL for a type that is no number.

  Args:
    column_name (str)
    data_type (str)
-#}
{% macro oceanbase__measure_std_dev_sample(column_name, data_type) -%}
  {%- if dbt_profiler.is_numeric_dtype(data_type) -%}
    stddev_samp({{ oceanbase_shims_dbt_profiler.oceanbase__exact_number(column_name, data_type) }})
  {%- else -%}
    cast(null as double)
  {%- endif -%}
{%- endmacro %}
