{#-
  The numbers of rows of two relations, and their difference; with columns to group by, those of each group. The texts
  of these columns are compared byte for byte.

  Args:
    model (Relation | str)
    compare_model (Relation | str)
    group_by_columns (list[str]): names of columns; empty for the whole relations
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
