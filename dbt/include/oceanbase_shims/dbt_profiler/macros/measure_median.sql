{#-
  The median of a column's numbers as a double, or NULL for another type. OceanBase has no function for it. It is read
  from the middle of a sorted array of the values, in which NULL comes last.

  Args:
    column_name (str)
    data_type (str)
    cte_name (str): not used
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
