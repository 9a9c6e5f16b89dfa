{#-
  Return SQL that converts a time from one time zone to another, as datetime(6). The adapter computes the offsets of the
  zones and writes them into the SQL, because the server knows no names of zones.

  Args:
    column (str): SQL of a time in the zone source_tz
    target_tz (str): a name in the IANA database, such as Europe/Berlin, or an offset such as +05:30
    source_tz (str): a name or an offset of the same form
  Returns: str, SQL
  Raises: an error if a zone is not known
-#}
{% macro oceanbase__convert_timezone(column, target_tz, source_tz='UTC') -%}
  {{ adapter.in_time_zone(column, source_tz or 'UTC', target_tz) }}
{%- endmacro %}
