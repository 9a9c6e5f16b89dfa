{#-
  A time in another time zone, as datetime(6). The server knows no names of zones, so the statement has the offsets.

  Args:
    column (str): SQL for a time in the zone source_tz
    target_tz (str): name of the IANA database, or offset such as +05:30
    source_tz (str): likewise
-#}
{% macro oceanbase__convert_timezone(column, target_tz, source_tz='UTC') -%}
  {{ adapter.in_time_zone(column, source_tz or 'UTC', target_tz) }}
{%- endmacro %}
