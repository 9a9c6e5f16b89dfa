{#-
  The package's query for the sums that are too many standard deviations off the mean.

  STDDEV is replaced by STDDEV_SAMP: it is the deviation of a population in OceanBase, and that of a sample in the
  databases for which the package was written.

  Args:
    model (Relation | str)
    column_name (str)
    group_by (list[str] | none)
    sigma_threshold (float)
-#}
{% macro oceanbase__test_expect_column_values_to_be_within_n_stdevs(
  model, column_name, group_by, sigma_threshold
) -%}
  {%- set query = dbt_expectations.default__test_expect_column_values_to_be_within_n_stdevs(
    model, column_name, group_by, sigma_threshold
  ) -%}
  {{ oceanbase_shims_dbt_expectations.oceanbase__with_sample_deviation(query, column_name) }}
{%- endmacro %}
