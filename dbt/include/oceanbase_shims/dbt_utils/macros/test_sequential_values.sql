{#-
  Select the rows of a group in which a column's value is not the next lower value of the group plus an interval. The
  query is that of the package. Rows are grouped byte for byte (see oceanbase__grouped_by_bytes). By the server's
  collation, rows of a group 'A' would fill a gap in a group 'a'. With the config `collation: server`, rows are grouped
  by the collation.

  Args:
    model (Relation | str)
    column_name (str): the name of a column with numbers or times
    interval (int): the difference that two consecutive values must have
    datepart (str | none): the unit of `interval`, such as day, if the values are times; none for numbers
    group_by_columns (list[str]): names of the columns by which rows are grouped; empty for one group of all rows
-#}
{% macro oceanbase__test_sequential_values(model, column_name, interval=1, datepart=none, group_by_columns=[]) %}
  {%- set model, columns = oceanbase__grouped_by_bytes(model, group_by_columns) -%}
  {{ return(dbt_utils.default__test_sequential_values(model, column_name, interval, datepart, columns)) }}
{% endmacro %}
