{#-
  Return a query for the rows or groups of a relation for which an expression is not true. The query is that of the
  package, by which its tests with bounds and with counts are written. Texts are compared byte for byte in groups (see
  oceanbase__grouped_by_bytes) and in COUNT(DISTINCT x) (see oceanbase__with_counted_bytes), and as the server does
  everywhere else. With the config `collation: server`, the server's collation decides everywhere.

  Args:
    model (Relation | str)
    expression (str): SQL of the expression
    test_condition (str): SQL that follows the expression, such as `= true`
    group_by_columns (list[str] | none): SQL of the columns by which rows are grouped; none for no groups
    row_condition (str | none): SQL condition for the rows that are read
-#}
{% macro oceanbase__expression_is_true(model, expression, test_condition, group_by_columns, row_condition) -%}
  {%- set model, columns = oceanbase__grouped_by_bytes(model, group_by_columns) -%}
  {{ dbt_expectations.default__expression_is_true(
    model, oceanbase_shims_dbt_expectations.oceanbase__with_counted_bytes(expression), test_condition, columns,
    row_condition
  ) }}
{%- endmacro %}
