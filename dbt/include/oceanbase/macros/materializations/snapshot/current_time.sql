{#-
  The current time for a column of the history: UTC, or the session's time if a TIMESTAMP is involved.

  The server reads what is written to a TIMESTAMP in the session's time zone. If dbt_valid_from is one, the ends of
  versions, too, are times of that zone. The session's time is computed from UTC, because in CREATE TABLE ... AS the
  server truncates current_timestamp(6) and its synonyms to seconds.

  Args:
    column_name (str): the column of the history
    valid_from_name (str): the history's dbt_valid_from
    target_columns (list[Column])
  Returns: str
-#}
{% macro oceanbase__snapshot_current_time(column_name, valid_from_name, target_columns) -%}
  {%- set names = [column_name | trim('`') | lower, valid_from_name | trim('`') | lower] -%}
  {%- set zoned = [] -%}
  {%- for column in target_columns if column.name | lower in names and column.dtype.split('(')[0] == 'timestamp' -%}
    {%- do zoned.append(column) -%}
  {%- endfor -%}
  {{ "convert_tz(utc_timestamp(6), '+00:00', @@session.time_zone)" if zoned else snapshot_get_time() }}
{%- endmacro %}
