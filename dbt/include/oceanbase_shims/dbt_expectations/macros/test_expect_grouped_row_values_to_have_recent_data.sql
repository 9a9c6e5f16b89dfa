{#-
  Select the groups whose latest time is too old. The query is that of the package. Rows are grouped byte for byte (see
  oceanbase__grouped_by_bytes). By the server's collation, a group 'a' with recent rows would hide a group 'A' that has
  none. With the config `collation: server`, rows are grouped by the collation.

  Args:
    model (Relation | str)
    group_by (list[str]): names of the columns by which rows are grouped
    timestamp_column (str): the column with the time
    datepart (str): the unit of `interval`, such as day
    interval (int): how many units old the latest time of a group may be
    row_condition (str | none): SQL condition for the rows that are read
-#}
{% macro oceanbase__test_expect_grouped_row_values_to_have_recent_data(
  model, group_by, timestamp_column, datepart, interval, row_condition
) -%}
  {%- set model, columns = oceanbase__grouped_by_bytes(model, group_by) -%}
  {{ dbt_expectations.default__test_expect_grouped_row_values_to_have_recent_data(
    model, columns, timestamp_column, datepart, interval, row_condition
  ) }}
{%- endmacro %}
