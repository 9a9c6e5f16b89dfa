{#-
  Select the rows whose range of values overlaps with the next range of the same partition, or leaves a gap to it. The
  query is that of the package. Rows are partitioned byte for byte (see oceanbase__grouped_by_bytes). By the server's
  collation, a range of a partition 'A' would fill a gap in a partition 'a'. With the config `collation: server`, rows
  are partitioned by the collation.

  Args:
    model (Relation | str)
    lower_bound_column (str): the column with the lower bound of the range
    upper_bound_column (str): the column with the upper bound of the range
    partition_by (str | none): SQL of the columns by which rows are partitioned; none for one partition of all rows
    gaps (str): whether there may be gaps between ranges: `allowed`, `not_allowed` or `required`
    zero_length_range_allowed (bool): whether both bounds of a range may be equal
-#}
{% macro oceanbase__test_mutually_exclusive_ranges(
  model, lower_bound_column, upper_bound_column, partition_by=none, gaps='allowed', zero_length_range_allowed=false
) %}
  {%- if partition_by and not oceanbase__compares_by_collation() -%}
    {%- set columns = oceanbase_shims_dbt_utils.oceanbase__expressions(partition_by) -%}
    {%- set model, columns = oceanbase__grouped_by_bytes(model, columns) -%}
    {#- The package's query selects `partition_by as partition_by_col`: the last column of the list has this name. -#}
    {%- set partition_by = columns | reverse | join(', ') -%}
  {%- endif -%}
  {{ return(dbt_utils.default__test_mutually_exclusive_ranges(
    model, lower_bound_column, upper_bound_column, partition_by, gaps, zero_length_range_allowed
  )) }}
{% endmacro %}
