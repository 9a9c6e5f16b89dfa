{#-
  Return SQL for the standard deviation of a column as a population. It is NULL if the type is no type of numbers.

  Args:
    column_name (str): the name of the column
    data_type (str): the name of its type in lower case, as in information_schema
  Returns: str, SQL
-#}
{% macro oceanbase__measure_std_dev_population(column_name, data_type) -%}
  {%- if dbt_profiler.is_numeric_dtype(data_type) -%}
    stddev_pop({{ oceanbase_shims_dbt_profiler.oceanbase__exact_number(column_name, data_type) }})
  {%- else -%}
    cast(null as double)
  {%- endif -%}
{%- endmacro %}
