{#-
  The values that do not occur in a column of another relation, as in the adapter's test `relationships`. The two unions
  give both columns the same type, so that equal values have the same text. The texts are compared byte for byte.

  Args:
    model (Relation | str)
    column_name (str)
    to (Relation | str): relation of the other column
    field (str): the other column
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
  where {{ column_name }} is not null and {{ from_condition }}
  union all
  select {{ field }} from {{ to }} where false
),
parent as (
  select {{ field }} as id
  from {{ to }}
  where {{ field }} is not null and {{ to_condition }}
  union all
  select {{ column_name }} from {{ model }} where false
)
select child.id, parent.id as right_id
from child
left join parent
  on {{ adapter.same_as_written('child.id', 'parent.id') }}
where parent.id is null
{% endmacro %}
