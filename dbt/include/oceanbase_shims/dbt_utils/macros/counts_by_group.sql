{#-
  Return a query that counts the rows of each group in two relations. The result has one row for each group, with the
  values of the group in both relations (columns `x_a` and `x_b` for a column `x`) and the two numbers of rows.

  Texts are compared byte for byte. If only one relation has a group, the columns of the other relation are NULL. A
  group with a NULL never equals another group, so it has a row for each relation.

  Args:
    model (Relation | str)
    compare_model (Relation | str)
    columns (list[str]): names of the columns by which rows are grouped
    count_a (str): name of the result's column with the number of rows in `model`
    count_b (str): name of the result's column with the number of rows in `compare_model`
-#}
{% macro oceanbase__counts_by_group(model, compare_model, columns, count_a, count_b) -%}
  select
    {%- for column in columns %}
    dbt_a.{{ column }} as {{ column }}_a,
    dbt_b.{{ column }} as {{ column }}_b,
    {%- endfor %}
    dbt_a.{{ count_a }},
    dbt_b.{{ count_b }}
  from (
    {{ oceanbase_shims_dbt_utils.oceanbase__counted_groups(model, compare_model, columns, count_a) }}
  ) as dbt_a
  full join (
    {{ oceanbase_shims_dbt_utils.oceanbase__counted_groups(compare_model, model, columns, count_b) }}
  ) as dbt_b
    on {% for column in columns -%}
    {#- the server joins by a hash of equal columns; any other condition would compare each group with all others -#}
    dbt_a.{{ column }} = dbt_b.{{ column }} and dbt_a.dbt_bytes_{{ loop.index }} <=> dbt_b.dbt_bytes_{{ loop.index }}
    {{- ' and ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
