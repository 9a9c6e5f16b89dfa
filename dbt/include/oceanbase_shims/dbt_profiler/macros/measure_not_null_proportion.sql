{#-
  The number of values of a column that are not NULL, divided by the number of rows, or NULL without rows. It has ten
  digits after the point: with the four of a quotient of whole numbers, a column with one NULL in 100,000 rows would
  have the proportion 1.

  Args:
    column_name (str)
    data_type (str)
-#}
{% macro oceanbase__measure_not_null_proportion(column_name, data_type) -%}
  cast(count({{ adapter.quote(column_name) }}) as {{ dbt.type_numeric() }}) / nullif(count(*), 0)
{%- endmacro %}
