{#-
  Select the numbers of rows of two relations and the difference `diff_count` of the two numbers. With
  `group_by_columns`, select them for each group. The test fails if a difference is not 0. As in the package, a group
  that only one relation has is no failure.

  Texts are compared byte for byte. Without groups, or with the config `collation: server`, the package's own test runs.

  Args:
    model (Relation | str)
    compare_model (Relation | str)
    group_by_columns (list[str]): names of the columns by which rows are grouped; empty for no groups
-#}
{% macro oceanbase__test_equal_rowcount(model, compare_model, group_by_columns=[]) %}
  {%- if not group_by_columns or oceanbase__compares_by_collation() -%}
    {{ return(dbt_utils.default__test_equal_rowcount(model, compare_model, group_by_columns)) }}
  {%- endif -%}
  {%- do config(fail_calc='coalesce(sum(diff_count), 0)') -%}
select dbt_counts.*, abs(count_a - count_b) as diff_count
from (
  {{ oceanbase_shims_dbt_utils.oceanbase__counts_by_group(
    model, compare_model, group_by_columns, 'count_a', 'count_b'
  ) }}
) as dbt_counts
{% endmacro %}
