{#-
  A query for the groups of two relations, each with its number of rows in both. Groups are compared byte for byte. A
  group that only one relation has has NULL as the other number.

  Args:
    model (Relation | str)
    compare_model (Relation | str)
    columns (list[str]): names of the columns of a group
    count_a (str): name of the column with the number in `model`
    count_b (str): name of the column with the number in `compare_model`
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
    select {{ columns | join(', ') }}, count(*) as {{ count_a }}
    from {{ model }}
    group by {{ oceanbase_shims_dbt_utils.oceanbase__each_with_bytes(columns) }}
  ) as dbt_a
  full join (
    select {{ columns | join(', ') }}, count(*) as {{ count_b }}
    from {{ compare_model }}
    group by {{ oceanbase_shims_dbt_utils.oceanbase__each_with_bytes(columns) }}
  ) as dbt_b
    on {% for column in columns -%}
    not ({{ adapter.unaccepted('dbt_a.' ~ column, ['dbt_b.' ~ column], quoted=false) }}){{ ' and ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
