{#- The relation has exactly this many rows. -#}
{% test row_count(model, expected) %}

select
  {{ expected }} as expected_rows,
  count(*) as actual_rows
from {{ model }}
having count(*) <> {{ expected }}

{% endtest %}
