{#-
  Now, as a column of the history takes it: a TIMESTAMP reads what it is given in the session's time zone, and beside
  one in dbt_valid_from every end of a version is a clock of that zone; everything else is UTC.

  Args:
    column_name (str): of the history
    valid_from_name (str): the history's dbt_valid_from
    target_columns (list[Column])
  Returns: str
-#}
{% macro oceanbase__snapshot_moment(column_name, valid_from_name, target_columns) -%}
  {%- set names = [column_name | trim('`') | lower, valid_from_name | trim('`') | lower] -%}
  {%- set zoned = [] -%}
  {%- for column in target_columns if column.name | lower in names and column.dtype.split('(')[0] == 'timestamp' -%}
    {%- do zoned.append(column) -%}
  {%- endfor -%}
  {{ 'current_timestamp(6)' if zoned else snapshot_get_time() }}
{%- endmacro %}
