{#-
  Return SQL that adds periods to a date or time.

  The result for a date is a date, unless hours or shorter periods are added. A quoted literal is treated as a date or a
  datetime(6). The result for a column of text is a text.

  The number is rounded to whole periods, as in Snowflake and MySQL: the server itself would leave out the fraction.
  Fractions of seconds and milliseconds are added. The server adds at most 2,147,483,647 periods at once, and as many
  seconds in milliseconds and microseconds, which are added as seconds. More are error 1690.

  Args:
    datepart (str): the period, see oceanbase__datepart
    interval (str | int): the number of periods, any SQL
    from_date_or_timestamp (str): SQL of a date or time
  Returns: str, SQL
-#}
{% macro oceanbase__dateadd(datepart, interval, from_date_or_timestamp) -%}
  {%- set part = oceanbase__datepart(datepart) -%}
  {%- set unit = {'millisecond': 'second', 'microsecond': 'second', 'isoweek': 'week'}.get(part, part) -%}
  {%- set seconds = {'millisecond': '0.001', 'microsecond': '0.000001'} -%}
  {%- if part in seconds -%}
    {%- set number = 'cast((' ~ interval ~ ') * ' ~ seconds[part] ~ ' as decimal(20,6))' -%}
  {%- elif part == 'second' or modules.re.match('[-+]?[0-9]+$', interval | string | trim) -%}
    {%- set number = '(' ~ interval ~ ')' -%}
  {%- else -%}
    {%- set number = 'round((' ~ interval ~ '))' -%}
  {%- endif -%}
  date_add({{ oceanbase__date_literal(from_date_or_timestamp) }}, interval {{ number }} {{ unit }})
{%- endmacro %}
