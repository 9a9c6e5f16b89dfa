{% macro oceanbase__test_accepted_values(model, column_name, values, quote=True) %}
  {%- if oceanbase__compares_by_collation() -%}
    {{ default__test_accepted_values(model, column_name, values, quote) }}
  {%- else %}
with all_values as (
    select
        {{ column_name }} as value_field,
        count(*) as n_records
    from {{ model }}
    group by {{ column_name }}, {{ adapter.bytes_of_text(column_name) }}
)
select *
from all_values
where value_field is not null
  and ({{ adapter.unaccepted('value_field', values, quote) }})
  {%- endif %}
{% endmacro %}
