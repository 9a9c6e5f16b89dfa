{#-
  The package's query for the sums that are too many standard deviations off the mean.

  STDDEV is that of a population in OceanBase; the package was written for databases where it is that of a sample.

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
