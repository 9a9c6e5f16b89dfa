{#-
  The numbers of rows of two relations, and how many rows the first has too many to have fewer than the second; with
  columns to group by, those of each group. The texts of these columns are compared byte for byte.

  Args:
    model (Relation | str)
    compare_model (Relation | str)
    group_by_columns (list[str]): names of columns; empty for the whole relations
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
