{#-
  A query for the periods from a date to another one. The package's own numbers its rows by a window that is ordered by
  a constant, which the server refuses (3592).

  Args:
    datepart (str)
    start_date (str): SQL
    end_date (str): SQL
-#}
{% macro oceanbase__date_spine(datepart, start_date, end_date) -%}
  {{ dbt.date_spine(datepart, start_date, end_date) }}
{%- endmacro %}
