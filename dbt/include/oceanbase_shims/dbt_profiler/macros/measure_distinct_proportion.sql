{#-
  The number of distinct values of a column, divided by the number of rows, with ten digits after the point. It is NULL
  without rows, and for a type for which the server refuses DISTINCT.

  Args:
    column_name (str)
    data_type (str)
-#}
{% macro oceanbase__measure_distinct_proportion(column_name, data_type) -%}
  cast({{ dbt_profiler.measure_distinct_count(column_name, data_type) }} as {{ dbt.type_numeric() }})
    / nullif(count(*), 0)
{%- endmacro %}
