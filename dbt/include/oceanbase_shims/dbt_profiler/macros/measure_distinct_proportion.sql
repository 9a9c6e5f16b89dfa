{#-
  Return SQL for the number of distinct values of a column, divided by the number of rows, with ten digits after the
  point. It is NULL if there are no rows, or if the server refuses DISTINCT for the type.

  Args:
    column_name (str): the name of the column
    data_type (str): the name of its type in lower case, as in information_schema
  Returns: str, SQL
-#}
{% macro oceanbase__measure_distinct_proportion(column_name, data_type) -%}
  cast({{ dbt_profiler.measure_distinct_count(column_name, data_type) }} as {{ dbt.type_numeric() }})
    / nullif(count(*), 0)
{%- endmacro %}
