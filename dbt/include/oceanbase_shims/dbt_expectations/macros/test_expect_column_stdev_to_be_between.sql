{#-
  The package's query for the groups whose standard deviation is outside of bounds.

  STDDEV is replaced by STDDEV_SAMP: it is the deviation of a population in OceanBase, and that of a sample in the
  databases for which the package was written.

  Args:
    model (Relation | str)
    column_name (str)
    min_value (float | none)
    max_value (float | none)
    group_by (list[str] | none)
    row_condition (str | none): SQL
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
