{#-
  Return SQL for the number of distinct values of a column. It is NULL if the server refuses DISTINCT for the type.
  Texts are compared byte for byte.

  Args:
    column_name (str): the name of the column
    data_type (str): the name of its type in lower case, as in information_schema
  Returns: str, SQL
-#}
{% macro oceanbase__measure_distinct_count(column_name, data_type) -%}
  {%- if dbt_profiler.is_struct_dtype(data_type) -%}
    cast(null as signed)
  {%- else -%}
    count(distinct {{ oceanbase_shims_dbt_profiler.oceanbase__distinct_value(column_name, data_type) }})
  {%- endif -%}
{%- endmacro %}
