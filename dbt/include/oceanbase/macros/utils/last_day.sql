{#-
  Return SQL for the last date of the day, week, month, quarter or year in which a date lies. A week ends on Sunday.

  Args:
    date (str): SQL of a date or time
    datepart (str): the period, see oceanbase__datepart
  Returns: str, SQL
  Raises: a compiler error for any other period
-#}
{% macro oceanbase__last_day(date, datepart) -%}
  {%- set part = oceanbase__datepart(datepart) -%}
  {%- if part == 'month' -%}
    last_day({{ date }})
  {%- elif part == 'quarter' -%}
    last_day(date_add({{ oceanbase__date_trunc('quarter', date) }}, interval 2 month))
  {%- elif part == 'year' -%}
    cast(date_format({{ date }}, '%Y-12-31') as date)
  {%- elif part in ('week', 'isoweek') -%}
    date_add({{ oceanbase__date_trunc('week', date) }}, interval 6 day)
  {%- elif part == 'day' -%}
    date({{ date }})
  {%- elif execute -%}
    {% do exceptions.raise_compiler_error("last_day: no last day of a period of '" ~ part ~ "'; use one of day, week, month, quarter, year") %}
  {%- endif -%}
{%- endmacro %}
