{#-
  Return SQL for the first day of the week in which a date lies. In this package it is the Sunday on or before the date.
  With dbt.date_trunc it would be a Monday.

  Args:
    date (str): SQL of a date or time
  Returns: str, SQL
-#}
{% macro oceanbase__week_start(date) -%}
  from_days((to_days({{ date }}) - 1) div 7 * 7 + 1)
{%- endmacro %}
