{#-
  Return SQL for the number of values of a column that are not NULL, divided by the number of rows. It is NULL if there
  are no rows.

  The number of values is cast to a DECIMAL, so the result has ten digits after the point. The quotient of two integers
  has four digits. With four digits, a column with one NULL in 100,000 rows would have the proportion 1.

  Args:
    column_name (str): the name of the column
    data_type (str): not used
  Returns: str, SQL
-#}
{% macro oceanbase__measure_not_null_proportion(column_name, data_type) -%}
  cast(count({{ adapter.quote(column_name) }}) as {{ dbt.type_numeric() }}) / nullif(count(*), 0)
{%- endmacro %}
