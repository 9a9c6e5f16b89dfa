{#- The equality comes first, since the server can join by its hash; the bytes then decide where one of them is text. -#}
{% macro oceanbase__test_relationships(model, column_name, to, field) %}
  {%- if oceanbase__compares_by_collation() -%}
    {{ default__test_relationships(model, column_name, to, field) }}
  {%- else %}
with child as (
    select {{ column_name }} as from_field
    from {{ model }}
    where {{ column_name }} is not null
),
parent as (
    select {{ field }} as to_field
    from {{ to }}
)
select from_field
from child
left join parent
    on child.from_field = parent.to_field
    and {{ adapter.same_text('child.from_field', 'parent.to_field') }}
where parent.to_field is null
  {%- endif %}
{% endmacro %}
