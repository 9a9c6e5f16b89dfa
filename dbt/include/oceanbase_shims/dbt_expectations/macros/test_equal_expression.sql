{#-
  Compare an aggregate of two relations, or of each of their groups. Select the groups in which the two values differ by
  more than a tolerance. As in the package, a number that is missing or NULL counts as 0. Values that are no numbers,
  such as texts, dates and times, cannot be subtracted: select the groups in which they are different.

  Texts are compared byte for byte as values, in groups (see oceanbase__grouped_by_bytes) and in COUNT(DISTINCT x) (see
  oceanbase__with_counted_bytes), or by the server's collation with the config `collation: server`. A UNION ALL with no
  rows of the other relation gives the groups and the values of both relations the same types, so that a number equals
  its text.

  The relative difference is computed as a DOUBLE. A quotient of whole numbers has four digits in OceanBase, so a
  difference of 4 in 100,000 would be 0. Both differences are NULL for values that are no numbers.

  Args:
    model (Relation | str)
    expression (str): SQL of the aggregate
    compare_model (Relation | str | none): the other relation; none for `model`
    compare_expression (str | none): SQL of the other relation's aggregate; none for `expression`
    group_by (list[str] | none): SQL of the columns by which rows are grouped; none for no groups
    compare_group_by (list[str] | none): the same for the other relation; none for `group_by`
    row_condition (str | none): SQL condition for the rows that are read
    compare_row_condition (str | none): the same for the other relation; none for `row_condition`
    tolerance (float): the difference that is allowed
    tolerance_percent (float | none): the allowed quotient of the difference and the value of `model`, which replaces
      `tolerance`
-#}
{% macro oceanbase__test_equal_expression(
  model, expression, compare_model, compare_expression, group_by, compare_group_by, row_condition,
  compare_row_condition, tolerance, tolerance_percent
) -%}
  {%- set names = [] -%}
  {%- for column in group_by or [] -%}
    {%- do names.append('col_' ~ loop.index) -%}
  {%- endfor -%}
  {%- set columns = (names + ['expression']) | join(', ') -%}
  {#- Both sides have the same type. For numbers, coercibility() is 5 and the value has no colon and no two dashes. -#}
  {%- set are_numbers = "charset(dbt_a.expression) = cast('binary' as binary) and coercibility(dbt_a.expression) = 5 "
    ~ "and coalesce(cast(dbt_a.expression as binary), cast(dbt_b.expression as binary)) not like '%:%' "
    ~ "and coalesce(cast(dbt_a.expression as binary), cast(dbt_b.expression as binary)) not like '_%-%-%'" -%}
  {%- set difference = 'abs(coalesce(dbt_a.expression, 0) - coalesce(dbt_b.expression, 0))' -%}
  with
  {%- for side, relation, value, groups, condition in (
    ('dbt_a', model, expression, group_by, row_condition),
    ('dbt_b', compare_model or model, compare_expression or expression, compare_group_by or group_by,
      compare_row_condition or row_condition),
  ) %}
  {%- set rows, by_bytes = oceanbase__grouped_by_bytes(relation, groups) %}
  {{ side }}_computed as (
    {{ dbt_expectations.get_select(
      rows, oceanbase_shims_dbt_expectations.oceanbase__with_counted_bytes(value), condition, by_bytes
    ) }}
  ),
  {%- endfor %}
  {%- for side, other in (('dbt_a', 'dbt_b'), ('dbt_b', 'dbt_a')) %}
  {{ side }} as (
    select {{ columns }} from {{ side }}_computed
    union all
    select {{ columns }} from {{ other }}_computed where false
  ),
  {%- endfor %}
  dbt_compared as (
    select
      {%- for name in names %}
      coalesce(dbt_a.{{ name }}, dbt_b.{{ name }}) as {{ name }},
      {%- endfor %}
      dbt_a.expression,
      dbt_b.expression as compare_expression,
      case when {{ are_numbers }} then {{ difference }} end as expression_difference,
      case
        when {{ are_numbers }} then {{ difference }} / nullif(dbt_a.expression * 1e0, 0)
      end as expression_difference_percent
    from dbt_a
    {%- if not names %}
    cross join dbt_b
    {%- else %}
    full join dbt_b on {% for name in names -%}
      {%- set left, right = 'dbt_a.' ~ name, 'dbt_b.' ~ name -%}
      {{ left }} = {{ right }}
      {%- if not oceanbase__compares_by_collation() %}
      and {{ adapter.bytes_of_text(left) }} <=> {{ adapter.bytes_of_text(right) }}
      {%- endif %}
      {{- ' and ' if not loop.last }}
      {%- endfor %}
    {%- endif %}
  )
  select *
  from dbt_compared
  where {{ 'expression_difference_percent' if tolerance_percent else 'expression_difference' }} >
    {{- ' ' ~ (tolerance_percent or tolerance) }}
    or expression_difference is null and not (
      expression <=> compare_expression
      {%- if not oceanbase__compares_by_collation() %}
      and {{ adapter.bytes_of_text('expression') }} <=> {{ adapter.bytes_of_text('compare_expression') }}
      {%- endif %}
    )
{%- endmacro %}
