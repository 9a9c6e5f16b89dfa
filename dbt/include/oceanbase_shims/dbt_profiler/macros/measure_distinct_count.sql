{#-
  The number of distinct values of a column, or NULL for a type for which the server refuses DISTINCT.

  Args:
    column_name (str)
    data_type (str)
-#}
{% macro oceanbase__measure_distinct_count(column_name, data_type) -%}
  {%- if dbt_profiler.is_struct_dtype(data_type) -%}
    cast(null as signed)
  {%- else -%}
    count(distinct {{ oceanbase_shims_dbt_profiler.oceanbase__distinct_value(column_name, data_type) }})
  {%- endif -%}
{%- endmacro %}
