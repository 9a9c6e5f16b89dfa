{#-
  Return SQL for a part of a date or time as a number.

  These parts need an explanation:
  - `week` counts from the first Sunday of the year; the days before it are in week 0
  - `isoweek` and `isoyear` are the week and its year by ISO 8601
  - on Sunday, `dayofweek` is 0 and `isodow` is 7
  - `second` has no fraction
  - `epoch` is the number of seconds since 1970, with six digits after the point

  Args:
    datepart (str): the name of the part in PostgreSQL, Snowflake or Trino, in any case
    date (str): SQL of a date or time
  Returns: str, SQL
  Raises: a compiler error for an unknown part
-#}
{% macro oceanbase__date_part(datepart, date) -%}
  {%- set part = datepart | string | trim | lower -%}
  {%- set names = {
    'dayofmonth': 'day', 'dow': 'dayofweek', 'day_of_week': 'isodow', 'dayofweekiso': 'isodow',
    'dayofweek_iso': 'isodow', 'doy': 'dayofyear', 'day_of_year': 'dayofyear', 'weekiso': 'isoweek',
    'week_iso': 'isoweek', 'yearofweekiso': 'isoyear', 'epoch_second': 'epoch_seconds',
    'epoch_millisecond': 'epoch_milliseconds', 'epoch_microsecond': 'epoch_microseconds',
  } -%}
  {%- set microseconds = "timestampdiff(microsecond, cast('1970-01-01' as datetime(6)), %s)" -%}
  {%- set known = {
    'year': 'year(%s)',
    'quarter': 'quarter(%s)',
    'month': 'month(%s)',
    'week': 'week(%s, 0)',
    'isoweek': 'week(%s, 3)',
    'isoyear': '(yearweek(%s, 3) div 100)',
    'day': 'dayofmonth(%s)',
    'dayofweek': '(dayofweek(%s) - 1)',
    'isodow': '(weekday(%s) + 1)',
    'dayofyear': 'dayofyear(%s)',
    'hour': 'hour(%s)',
    'minute': 'minute(%s)',
    'second': 'second(%s)',
    'epoch': '(' ~ microseconds ~ ' * 0.000001)',
    'epoch_seconds': 'floor(' ~ microseconds ~ ' * 0.000001)',
    'epoch_milliseconds': 'floor(' ~ microseconds ~ ' * 0.001)',
    'epoch_microseconds': microseconds,
  } -%}
  {%- set form = known.get(names.get(part, part), '') -%}
  {%- if not form and execute -%}
    {%- do exceptions.raise_compiler_error(
      "dbt_date.date_part: '" ~ datepart ~ "' is no date part here; use one of " ~ known | join(', ')
    ) -%}
  {%- endif -%}
  {{ form | replace('%s', date) }}
{%- endmacro %}
