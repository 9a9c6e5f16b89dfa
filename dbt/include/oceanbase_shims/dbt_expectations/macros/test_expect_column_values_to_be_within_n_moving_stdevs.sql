{#-
  Select the periods in which the sum of a column is too many standard deviations away from the mean of the periods
  before. The query is the package's query, with STDDEV replaced by STDDEV_SAMP (see oceanbase__with_sample_deviation).
  In OceanBase, STDDEV is the deviation of a population. In the databases for which the package was written, it is the
  deviation of a sample. Texts are compared byte for byte in groups (see oceanbase__grouped_by_bytes).

  Args: the arguments of the package's test, as its documentation describes them
-#}
{% macro oceanbase__test_expect_column_values_to_be_within_n_moving_stdevs(
  model, column_name, date_column_name, group_by, period, lookback_periods, trend_periods, test_periods,
  sigma_threshold, sigma_threshold_upper, sigma_threshold_lower, take_diffs, take_logs
) -%}
  {%- set model, columns = oceanbase__grouped_by_bytes(model, group_by) -%}
  {%- set query = dbt_expectations.default__test_expect_column_values_to_be_within_n_moving_stdevs(
    model, column_name, date_column_name, columns, period, lookback_periods, trend_periods, test_periods,
    sigma_threshold, sigma_threshold_upper, sigma_threshold_lower, take_diffs, take_logs
  ) -%}
  {{ oceanbase_shims_dbt_expectations.oceanbase__with_sample_deviation(query, 'metric_test_value') }}
{%- endmacro %}
