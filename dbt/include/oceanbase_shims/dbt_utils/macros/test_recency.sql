{#-
  Select the groups whose latest time is too old. The query is that of the package. Rows are grouped byte for byte (see
  oceanbase__grouped_by_bytes). By the server's collation, a group 'a' with recent rows would hide a group 'A' that has
  none. With the config `collation: server`, rows are grouped by the collation.

  Args:
    model (Relation | str)
    field (str): SQL of the time
    datepart (str): the unit of `interval`, such as day
    interval (int): how many units old the latest time of a group may be
    ignore_time_component (bool): whether only dates are compared
    group_by_columns (list[str]): names of the columns by which rows are grouped; empty for one group of all rows
-#}
{% macro oceanbase__test_recency(
  model, field, datepart, interval, ignore_time_component=false, group_by_columns=[]
) %}
  {%- set model, columns = oceanbase__grouped_by_bytes(model, group_by_columns) -%}
  {{ return(dbt_utils.default__test_recency(model, field, datepart, interval, ignore_time_component, columns)) }}
{% endmacro %}
