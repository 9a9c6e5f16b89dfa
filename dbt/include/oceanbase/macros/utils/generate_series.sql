{#-
  Return a query for the numbers from 1 to an upper bound. Its column generated_number is a bigint. With dbt's own macro
  it would be a double on OceanBase.

  Args:
    upper_bound (int): the largest number
  Returns: str, SQL
-#}
{% macro oceanbase__generate_series(upper_bound) %}
  {%- set digits = dbt.get_powers_of_two(upper_bound) %}
  with p as (
    select 0 as generated_number union all select 1
  ), unioned as (
    select
      {% for digit in range(digits) -%}
      p{{ digit }}.generated_number * {{ 2 ** digit }} +
      {% endfor -%}
      1 as generated_number
    from {% for digit in range(digits) %}{{ ' cross join ' if not loop.first }}p as p{{ digit }}{% endfor %}
  )
  select generated_number
  from unioned
  where generated_number <= {{ upper_bound }}
  order by generated_number
{% endmacro %}
