{#-
  Select the groups in which the sum of a column is too many standard deviations away from the mean of all groups. The
  query is the package's query, with STDDEV replaced by STDDEV_SAMP (see oceanbase__with_sample_deviation). In
  OceanBase, STDDEV is the deviation of a population. In the databases for which the package was written, it is the
  deviation of a sample. Texts are compared byte for byte in groups (see oceanbase__grouped_by_bytes).

  Args:
    model (Relation | str)
    column_name (str)
    group_by (list[str] | none): the columns by which rows are grouped; none for one group of all rows
    sigma_threshold (float): the number of standard deviations that is allowed
-#}
{% macro oceanbase__test_expect_column_values_to_be_within_n_stdevs(
  model, column_name, group_by, sigma_threshold
) -%}
  {%- set model, columns = oceanbase__grouped_by_bytes(model, group_by) -%}
  {%- set query = dbt_expectations.default__test_expect_column_values_to_be_within_n_stdevs(
    model, column_name, columns, sigma_threshold
  ) -%}
  {{ oceanbase_shims_dbt_expectations.oceanbase__with_sample_deviation(query, column_name) }}
{%- endmacro %}
