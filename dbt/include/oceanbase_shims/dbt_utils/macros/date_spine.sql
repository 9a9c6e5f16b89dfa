{#-
  Return a query for the periods from one date to another, by dbt.date_spine. Versions of the package before 1.3.1 number
  their rows by a window that is ordered by a constant, which the server refuses (error 3592).

  Args:
    datepart (str): the period, such as day
    start_date (str): SQL of the first date
    end_date (str): SQL of the date after the last one
  Returns: str, SQL
-#}
{% macro oceanbase__date_spine(datepart, start_date, end_date) -%}
  {{ dbt.date_spine(datepart, start_date, end_date) }}
{%- endmacro %}
