{#-
  A query for the periods from one date to another. The package's own macro numbers its rows by a window that is ordered
  by a constant, which the server refuses (error 3592), so this is dbt.date_spine.

  Args:
    datepart (str)
    start_date (str): SQL
    end_date (str): SQL
-#}
{% macro oceanbase__date_spine(datepart, start_date, end_date) -%}
  {{ dbt.date_spine(datepart, start_date, end_date) }}
{%- endmacro %}
