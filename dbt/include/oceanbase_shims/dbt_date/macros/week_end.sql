{#-
  Return SQL for the last day of the week in which a date lies. In this package it is the Saturday on or after the date.
  With dbt.last_day it would be a Sunday.

  Args:
    date (str): SQL of a date or time
  Returns: str, SQL
-#}
{% macro oceanbase__week_end(date) -%}
  from_days((to_days({{ date }}) - 1) div 7 * 7 + 7)
{%- endmacro %}
