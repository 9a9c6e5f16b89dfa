{#-
  Return SQL that counts the boundaries of periods between two times, as in PostgreSQL and Snowflake. From 23:59 to 0:01
  of the next day, the number of days is 1. (The server's own TIMESTAMPDIFF counts whole periods.) A `week` begins on
  Sunday, as in dbt-postgres. An `isoweek` begins on Monday.

  Args:
    first_date (str): SQL of a date or time
    second_date (str): SQL of a date or time
    datepart (str): the period, see oceanbase__datepart
  Returns: str, SQL
-#}
{% macro oceanbase__datediff(first_date, second_date, datepart) -%}
  {%- set part = oceanbase__datepart(datepart) -%}
  {%- if part == 'microsecond' -%}
    timestampdiff(microsecond, {{ first_date }}, {{ second_date }})
  {%- elif part == 'day' -%}
    datediff({{ second_date }}, {{ first_date }})
  {%- else -%}
    {%- set count = {
      'year': 'year(%s)',
      'quarter': 'year(%s) * 4 + quarter(%s)',
      'month': 'year(%s) * 12 + month(%s)',
      'week': '(to_days(%s) - 1) div 7',
      'isoweek': '(to_days(%s) + 5) div 7',
      'hour': 'to_seconds(%s) div 3600',
      'minute': 'to_seconds(%s) div 60',
      'second': 'to_seconds(%s)',
      'millisecond': 'to_seconds(%s) * 1000 + microsecond(%s) div 1000',
    }[part] -%}
    (({{ count | replace('%s', second_date) }}) - ({{ count | replace('%s', first_date) }}))
  {%- endif -%}
{%- endmacro %}
