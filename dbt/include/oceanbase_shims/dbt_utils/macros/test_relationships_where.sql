{#-
  Select the values of a column that do not occur in a column of another relation. Only the rows that meet a condition
  are read from each relation. NULL is left out.

  As in the adapter's test `relationships`, two unions give both columns the same type, so that equal values have the
  same text. The texts are compared byte for byte. With the config `collation: server`, the package's own test runs.

  Args:
    model (Relation | str): the relation whose values are checked
    column_name (str): the column whose values are checked
    to (Relation | str): the other relation
    field (str): the column of the other relation
    from_condition (str): SQL condition for the rows of `model`
    to_condition (str): SQL condition for the rows of `to`
-#}
{% macro oceanbase__test_relationships_where(
  model, column_name, to, field, from_condition='1=1', to_condition='1=1'
) %}
  {%- if oceanbase__compares_by_collation() -%}
    {{ return(
      dbt_utils.default__test_relationships_where(model, column_name, to, field, from_condition, to_condition)
    ) }}
  {%- endif -%}
with child as (
  select {{ column_name }} as id
  from {{ model }}
  where {{ column_name }} is not null and (
    {{ from_condition }}
  )
  union all
  select {{ field }} from {{ to }} where false
),
parent as (
  select {{ field }} as id
  from {{ to }}
  where {{ field }} is not null and (
    {{ to_condition }}
  )
  union all
  select {{ column_name }} from {{ model }} where false
)
select child.id, parent.id as right_id
from child
left join parent
  on {{ adapter.same_as_written('child.id', 'parent.id') }}
where parent.id is null
{% endmacro %}
