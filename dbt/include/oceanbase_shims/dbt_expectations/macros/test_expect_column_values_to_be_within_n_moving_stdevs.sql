{#-
  The package's query for the periods that are too many standard deviations off a moving mean.

  STDDEV is replaced by STDDEV_SAMP: it is the deviation of a population in OceanBase, and that of a sample in the
  databases for which the package was written.

  Args:
    model (Relation | str)
    column_name (str)
    date_column_name (str)
    group_by (list[str] | none)
    period (str): part of a date
    lookback_periods, trend_periods, test_periods (int)
    sigma_threshold (float), sigma_threshold_upper, sigma_threshold_lower (float | none)
    take_diffs, take_logs (bool)
-#}
{% macro oceanbase__test_expect_column_values_to_be_within_n_moving_stdevs(
  model, column_name, date_column_name, group_by, period, lookback_periods, trend_periods, test_periods,
  sigma_threshold, sigma_threshold_upper, sigma_threshold_lower, take_diffs, take_logs
) -%}
  {%- set query = dbt_expectations.default__test_expect_column_values_to_be_within_n_moving_stdevs(
    model, column_name, date_column_name, group_by, period, lookback_periods, trend_periods, test_periods,
    sigma_threshold, sigma_threshold_upper, sigma_threshold_lower, take_diffs, take_logs
  ) -%}
  {{ oceanbase_shims_dbt_expectations.oceanbase__with_sample_deviation(query, 'metric_test_value') }}
{%- endmacro %}
