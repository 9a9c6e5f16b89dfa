{#-
  The type is that of the date: a date stays one unless hours or less are added; a literal counts as a date or a
  datetime(6), a text column stays a text.

  Args:
    datepart (str): year to microsecond
    interval (str | int): how many, any SQL
    from_date_or_timestamp (str): SQL
-#}
{% macro oceanbase__dateadd(datepart, interval, from_date_or_timestamp) -%}
  {%- set part = oceanbase__datepart(datepart) -%}
  {%- set unit = {'millisecond': ' * 1000 microsecond', 'isoweek': ' week'}.get(part, ' ' ~ part) -%}
  date_add({{ oceanbase__date_literal(from_date_or_timestamp) }}, interval ({{ interval }}){{ unit }})
{%- endmacro %}
