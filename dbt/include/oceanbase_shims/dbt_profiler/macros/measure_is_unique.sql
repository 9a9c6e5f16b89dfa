{#-
  Return SQL that tells whether all rows have different values in a column and no row has NULL. It is NULL if there are
  no rows, or if the server refuses DISTINCT for the type.

  Args:
    column_name (str): the name of the column
    data_type (str): the name of its type in lower case, as in information_schema
  Returns: str, SQL
-#}
{% macro oceanbase__measure_is_unique(column_name, data_type) -%}
  {{ dbt_profiler.measure_distinct_count(column_name, data_type) }} = nullif(count(*), 0)
{%- endmacro %}
