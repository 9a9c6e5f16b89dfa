{#-
  The Sunday on or before a date. A week of dbt.date_trunc begins on Monday.

  Args:
    date (str): SQL
-#}
{% macro oceanbase__week_start(date) -%}
  from_days((to_days({{ date }}) - 1) div 7 * 7 + 1)
{%- endmacro %}
