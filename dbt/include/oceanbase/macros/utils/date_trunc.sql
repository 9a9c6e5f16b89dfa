{#-
  Return SQL for the beginning of the period in which a time lies. It is a date for day and longer periods, and
  otherwise a datetime (with three digits after the second for milliseconds, and six for microseconds). A week begins on
  Monday.

  Args:
    datepart (str): the period, see oceanbase__datepart
    date (str): SQL of a date or time
  Returns: str, SQL
-#}
{% macro oceanbase__date_trunc(datepart, date) -%}
  {%- set part = oceanbase__datepart(datepart) -%}
  {%- if part == 'year' -%}
    cast(date_format({{ date }}, '%Y-01-01') as date)
  {%- elif part == 'quarter' -%}
    date_add(cast(date_format({{ date }}, '%Y-01-01') as date), interval (quarter({{ date }}) - 1) quarter)
  {%- elif part == 'month' -%}
    cast(date_format({{ date }}, '%Y-%m-01') as date)
  {%- elif part in ('week', 'isoweek') -%}
    from_days((to_days({{ date }}) + 5) div 7 * 7 - 5)
  {%- elif part == 'day' -%}
    date({{ date }})
  {%- elif part == 'hour' -%}
    cast(date_format({{ date }}, '%Y-%m-%d %H:00:00') as datetime)
  {%- elif part == 'minute' -%}
    cast(date_format({{ date }}, '%Y-%m-%d %H:%i:00') as datetime)
  {%- elif part == 'second' -%}
    cast(date_format({{ date }}, '%Y-%m-%d %H:%i:%s') as datetime)
  {%- elif part == 'millisecond' -%}
    cast(date_sub(cast({{ date }} as datetime(6)), interval (microsecond({{ date }}) mod 1000) microsecond) as datetime(3))
  {%- else -%}
    cast({{ date }} as datetime(6))
  {%- endif -%}
{%- endmacro %}
