{#- Replaces dbt's macro, which orders a window by a constant. The server refuses that (3592). -#}
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
