{#-
  Select the values of a column that are in the list of forbidden values. Texts are compared byte for byte, as in the
  adapter's test `accepted_values`. A forbidden value that the column's type cannot have, such as 'a' for a number, is
  never found. With the config `collation: server`, the package's own test runs.

  Args:
    model (Relation | str)
    column_name (str)
    values (list): the forbidden values
    quote (bool): whether the values are constants; otherwise they are SQL
-#}
{% macro oceanbase__test_not_accepted_values(model, column_name, values, quote=true) %}
  {%- if oceanbase__compares_by_collation() -%}
    {{ return(dbt_utils.default__test_not_accepted_values(model, column_name, values, quote)) }}
  {%- endif -%}
with all_values as (
  select {{ column_name }} as value_field
  from {{ model }}
  where {{ column_name }} is not null
  group by {{ oceanbase_shims_dbt_utils.oceanbase__each_with_bytes([column_name]) }}
)
select value_field
from all_values
where false
  {%- for value in values %}
  or not ({{ adapter.unaccepted('value_field', [value], quote) }})
  {%- endfor %}
{% endmacro %}
