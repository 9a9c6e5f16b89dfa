{#-
  The Saturday on or after a date. A week of dbt.last_day ends on Sunday.

  Args:
    date (str): SQL
-#}
{% macro oceanbase__week_end(date) -%}
  from_days((to_days({{ date }}) - 1) div 7 * 7 + 7)
{%- endmacro %}
