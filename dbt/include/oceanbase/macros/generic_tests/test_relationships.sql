{#-
  Select the values of a column that do not occur in a column of another relation. NULL is left out.

  The two unions give both columns the same type, so that equal values have the same text. The texts are compared byte
  for byte, because the server refuses to compare columns that have different collations (1267). With the config
  `collation: server`, dbt's own test runs.

  Args:
    model (Relation): the relation whose values are checked
    column_name (str): the column whose values are checked
    to (Relation): the other relation
    field (str): the column of the other relation
-#}
{% macro oceanbase__test_relationships(model, column_name, to, field) %}
  {%- if oceanbase__compares_by_collation() -%}
    {{ default__test_relationships(model, column_name, to, field) }}
  {%- else %}
with child as (
    select {{ column_name }} as from_field
    from {{ model }}
    where {{ column_name }} is not null
    union all
    select {{ field }} from {{ to }} where false
),
parent as (
    select {{ field }} as to_field
    from {{ to }}
    union all
    select {{ column_name }} from {{ model }} where false
)
select from_field
from child
left join parent
    on {{ adapter.same_as_written('child.from_field', 'parent.to_field') }}
where parent.to_field is null
  {%- endif %}
{% endmacro %}
