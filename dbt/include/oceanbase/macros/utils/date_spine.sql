{#-
  Return a query for all periods from start_date to end_date, with one column, the beginning of each period. dbt's own
  macro orders a window by a constant, which the server refuses (error 3592).

  Args:
    datepart (str): the period, such as day; the result's column is named date_<datepart>
    start_date (str): SQL, the beginning of the first period
    end_date (str): SQL, the last time at which a period may begin
  Returns: str, SQL
-#}
{% macro oceanbase__date_spine(datepart, start_date, end_date) %}
  with all_periods as (
    select {{ dbt.dateadd(datepart, 'generated_number - 1', start_date) }} as date_{{ datepart }}
    from (
      {{ dbt.generate_series(dbt.get_intervals_between(start_date, end_date, datepart)) }}
    ) as generated_numbers
  )
  select date_{{ datepart }}
  from all_periods
  where date_{{ datepart }} <= {{ oceanbase__date_literal(end_date) }}
{% endmacro %}
