{#-
  Return SQL for the median of a column of numbers, as a double. For any other type it is NULL. OceanBase has no
  function for a median. So the median is read from the middle of a sorted array of the values, in which NULL comes
  last.

  Args:
    column_name (str): the name of the column
    data_type (str): the name of its type in lower case, as in information_schema
    cte_name (str): not used
  Returns: str, SQL
-#}
{% macro oceanbase__measure_median(column_name, data_type, cte_name) -%}
  {%- if dbt_profiler.is_numeric_dtype(data_type) -%}
    {%- set column = adapter.quote(column_name) -%}
    {%- set values = 'array_sort(array_agg(cast(' ~ column ~ ' as double)))' -%}
    {%- set middle = '(count(' ~ column ~ ') + 1) / 2' -%}
    (
      element_at({{ values }}, cast(greatest(floor({{ middle }}), 1) as signed))
      + element_at({{ values }}, cast(greatest(ceil({{ middle }}), 1) as signed))
    ) / 2
  {%- else -%}
    cast(null as double)
  {%- endif -%}
{%- endmacro %}
