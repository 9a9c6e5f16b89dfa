{% macro oceanbase__test_unique(model, column_name) %}
  {%- if oceanbase__compares_by_collation() -%}
    {{ default__test_unique(model, column_name) }}
  {%- else %}
select
    {{ column_name }} as unique_field,
    count(*) as n_records
from {{ model }}
where {{ column_name }} is not null
group by {{ column_name }}, {{ adapter.bytes_of_text(column_name) }}
having count(*) > 1
  {%- endif %}
{% endmacro %}
