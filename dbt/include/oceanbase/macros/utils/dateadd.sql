{#-
  A date or time plus an interval.

  A date stays a date unless hours or shorter periods are added. A literal counts as a date or a datetime(6). A text
  column stays a text.

  Args:
    datepart (str): year to microsecond
    interval (str | int): the number of periods, any SQL
    from_date_or_timestamp (str): SQL
-#}
{% macro oceanbase__dateadd(datepart, interval, from_date_or_timestamp) -%}
  {%- set part = oceanbase__datepart(datepart) -%}
  {%- set unit = {'millisecond': ' * 1000 microsecond', 'isoweek': ' week'}.get(part, ' ' ~ part) -%}
  date_add({{ oceanbase__date_literal(from_date_or_timestamp) }}, interval ({{ interval }}){{ unit }})
{%- endmacro %}
