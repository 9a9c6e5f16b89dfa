{#-
  Select the groups in which a column has no value but NULL. The query is that of the package. Rows are grouped byte for
  byte (see oceanbase__grouped_by_bytes). By the server's collation, a group 'a' with values would hide a group 'A' that
  has none. With the config `collation: server`, rows are grouped by the collation.

  Args:
    model (Relation | str)
    column_name (str)
    group_by_columns (list[str]): names of the columns by which rows are grouped; empty for one group of all rows
-#}
{% macro oceanbase__test_at_least_one(model, column_name, group_by_columns=[]) %}
  {%- set model, columns = oceanbase__grouped_by_bytes(model, group_by_columns) -%}
  {{ return(dbt_utils.default__test_at_least_one(model, column_name, columns)) }}
{% endmacro %}
