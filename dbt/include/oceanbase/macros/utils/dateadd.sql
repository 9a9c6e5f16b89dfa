{#-
  Return SQL that adds periods to a date or time.

  The result for a date is a date, unless hours or shorter periods are added. A quoted literal is treated as a date or a
  datetime(6). The result for a column of text is a text.

  Args:
    datepart (str): the period, see oceanbase__datepart
    interval (str | int): the number of periods, any SQL
    from_date_or_timestamp (str): SQL of a date or time
  Returns: str, SQL
-#}
{% macro oceanbase__dateadd(datepart, interval, from_date_or_timestamp) -%}
  {%- set part = oceanbase__datepart(datepart) -%}
  {%- set unit = {'millisecond': ' * 1000 microsecond', 'isoweek': ' week'}.get(part, ' ' ~ part) -%}
  date_add({{ oceanbase__date_literal(from_date_or_timestamp) }}, interval ({{ interval }}){{ unit }})
{%- endmacro %}
