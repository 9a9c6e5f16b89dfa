{#-
  Whether all rows have different values in a column, and none has NULL. It is NULL without rows, and for a type for
  which the server refuses DISTINCT.

  Args:
    column_name (str)
    data_type (str)
-#}
{% macro oceanbase__measure_is_unique(column_name, data_type) -%}
  {{ dbt_profiler.measure_distinct_count(column_name, data_type) }} = nullif(count(*), 0)
{%- endmacro %}
