{#-
  Select the groups in which a column has exactly one value, apart from NULL. The query is that of the package. Both the
  values and the groups are compared byte for byte. By the server's collation, 'A' and 'a' would be one value, and the
  rows of a group 'A' would count for a group 'a' as well. With the config `collation: server`, the package's own test
  runs.

  Args:
    model (Relation | str)
    column_name (str)
    group_by_columns (list[str]): names of the columns by which rows are grouped; empty for one group of all rows
-#}
{% macro oceanbase__test_not_constant(model, column_name, group_by_columns=[]) %}
  {%- if oceanbase__compares_by_collation() -%}
    {{ return(dbt_utils.default__test_not_constant(model, column_name, group_by_columns)) }}
  {%- endif -%}
  {%- set model, columns = oceanbase__grouped_by_bytes(model, group_by_columns) -%}
  {#- COUNT(DISTINCT x, y) leaves out rows in which x or y is NULL -#}
  {%- set value = column_name ~ ", coalesce(" ~ adapter.bytes_of_text(column_name) ~ ", '')" -%}
  {{ return(dbt_utils.default__test_not_constant(model, value, columns)) }}
{% endmacro %}
