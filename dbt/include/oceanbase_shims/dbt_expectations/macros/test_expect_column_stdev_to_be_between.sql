{#-
  Select the groups in which the standard deviation of a column is outside of bounds. The query is the package's query,
  with STDDEV replaced by STDDEV_SAMP (see oceanbase__with_sample_deviation). In OceanBase, STDDEV is the deviation of a
  population. In the databases for which the package was written, it is the deviation of a sample.

  Args:
    model (Relation | str)
    column_name (str)
    min_value (float | none): the lower bound; none for no bound
    max_value (float | none): the upper bound; none for no bound
    group_by (list[str] | none): the columns by which rows are grouped; none for one group of all rows
    row_condition (str | none): SQL condition for the rows that are read
    strictly (bool): whether a deviation that equals a bound counts as outside
-#}
{% macro oceanbase__test_expect_column_stdev_to_be_between(
  model, column_name, min_value, max_value, group_by, row_condition, strictly
) -%}
  {%- set query = dbt_expectations.default__test_expect_column_stdev_to_be_between(
    model, column_name, min_value, max_value, group_by, row_condition, strictly
  ) -%}
  {{ oceanbase_shims_dbt_expectations.oceanbase__with_sample_deviation(query, column_name) }}
{%- endmacro %}
