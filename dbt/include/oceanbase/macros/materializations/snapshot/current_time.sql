{#-
  Return SQL for the current time, to be written to a column of the snapshot's table.

  The time is in UTC, unless the column or dbt_valid_from is a TIMESTAMP. Then the time is in the session's time zone,
  because the server reads a time that is written to a TIMESTAMP in this zone. This time is computed from UTC, because
  in CREATE TABLE ... AS the server truncates current_timestamp(6) and its synonyms to seconds.

  Args:
    column_name (str): the name of the column
    valid_from_name (str): the name of the column dbt_valid_from
    target_columns (list[Column]): the columns of the snapshot's table
  Returns: str, SQL
-#}
{% macro oceanbase__snapshot_current_time(column_name, valid_from_name, target_columns) -%}
  {%- set names = [column_name | trim('`') | lower, valid_from_name | trim('`') | lower] -%}
  {%- set zoned = [] -%}
  {%- for column in target_columns if column.name | lower in names and column.dtype.split('(')[0] == 'timestamp' -%}
    {%- do zoned.append(column) -%}
  {%- endfor -%}
  {{ "convert_tz(utc_timestamp(6), '+00:00', @@session.time_zone)" if zoned else snapshot_get_time() }}
{%- endmacro %}
