{#-
  Return SQL that converts a Unix time to a time in UTC, as datetime(6). The server's own FROM_UNIXTIME would return the
  time in the session's time zone.

  The whole days are added to 1970-01-01 first, and the rest after them, because an interval of the server has at most
  2,147,483,647 units. If the result is outside of the years 1 to 9999, the statement fails with error 1411.

  Args:
    epochs (str): SQL of a number, which counts units since the beginning of 1970
    format (str): the unit: seconds, milliseconds, microseconds or nanoseconds
  Returns: str, SQL
  Raises: a compiler error for another format
-#}
{% macro oceanbase__from_unixtimestamp(epochs, format='seconds') -%}
  {%- set units = {'seconds': '1', 'milliseconds': '0.001', 'microseconds': '0.000001', 'nanoseconds': '0.000000001'} -%}
  {%- if format not in units and execute -%}
    {%- do exceptions.raise_compiler_error(
      "dbt_date.from_unixtimestamp: '" ~ format ~ "' is no format; use one of " ~ units | join(', ')
    ) -%}
  {%- endif -%}
  {%- set unit = units.get(format, '1') -%}
  {%- set day = (86400 / unit | float) | round | int -%}
  {%- set days = '(' ~ epochs ~ ') div ' ~ day -%}
  {%- set reason = 'dbt_date.from_unixtimestamp: not in the years 1 to 9999, check the format ' ~ format ~ ': ' -%}
  date_add(date_add(cast('1970-01-01' as datetime(6)), interval if(
    {{ days }} not between -719162 and 2932896, uuid_to_bin(concat('{{ reason }}', {{ epochs }})), {{ days }}
  ) day), interval round((({{ epochs }}) mod {{ day }}) * {{ unit }}, 6) second)
{%- endmacro %}
