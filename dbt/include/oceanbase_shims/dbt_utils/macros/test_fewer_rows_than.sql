{#-
  Check that a relation has fewer rows than another one, or that each of its groups has. Select the two numbers of rows
  and `row_count_delta`: 0 if `model` has fewer rows, 1 if both have the same number, and otherwise the difference. The
  test fails if a delta is not 0. As in the package, a group that only one relation has is no failure.

  Texts are compared byte for byte. Without groups, or with the config `collation: server`, the package's own test runs.

  Args:
    model (Relation | str): the relation that should have fewer rows
    compare_model (Relation | str): the other relation
    group_by_columns (list[str]): names of the columns by which rows are grouped; empty for no groups
-#}
{% macro oceanbase__test_fewer_rows_than(model, compare_model, group_by_columns=[]) %}
  {%- if not group_by_columns or oceanbase__compares_by_collation() -%}
    {{ return(dbt_utils.default__test_fewer_rows_than(model, compare_model, group_by_columns)) }}
  {%- endif -%}
  {%- do config(fail_calc='coalesce(sum(row_count_delta), 0)') -%}
select
  dbt_counts.*,
  case
    when count_our_model = count_comparison_model then 1
    when count_our_model > count_comparison_model then count_our_model - count_comparison_model
    else 0
  end as row_count_delta
from (
  {{ oceanbase_shims_dbt_utils.oceanbase__counts_by_group(
    model, compare_model, group_by_columns, 'count_our_model', 'count_comparison_model'
  ) }}
) as dbt_counts
{% endmacro %}
