{#-
  Select the most common value of a column if it is not in a set of values. Texts are counted and compared byte for
  byte, as in the adapter's test `accepted_values`. With the config `collation: server`, the package's own test runs.

  If the values are SQL, they and the column are cast to a type. The package's default is `decimal` without digits, which
  would round 1.4 to 1 in OceanBase. So this type is replaced by `decimal(65, 30)`.

  Args:
    model (Relation | str)
    column_name (str)
    value_set (list): the allowed values
    top_n (int): the place of the value that is checked: 1 for the most common one, 2 for the next one, and so on
    quote_values (bool): whether the values are constants; otherwise they are SQL
    data_type (str): the type to which column and values are cast if the values are SQL
    row_condition (str | none): SQL condition for the rows that are read
-#}
{% macro oceanbase__test_expect_column_most_common_value_to_be_in_set(
  model, column_name, value_set, top_n, quote_values, data_type, row_condition
) -%}
  {%- set has_digits = data_type | lower | trim not in ('decimal', 'numeric', 'dec', 'number') -%}
  {%- set type = data_type if has_digits else 'decimal(65, 30)' -%}
  {%- if oceanbase__compares_by_collation() -%}
    {{ return(dbt_expectations.default__test_expect_column_most_common_value_to_be_in_set(
      model, column_name, value_set, top_n, quote_values, type, row_condition
    )) }}
  {%- endif -%}
  {%- set values = [] -%}
  {%- for value in value_set -%}
    {%- do values.append(value if quote_values else dbt.cast(value, type)) -%}
  {%- endfor -%}
with dbt_values as (
  select {{ column_name if quote_values else dbt.cast(column_name, type) }} as value_field
  from {{ model }}
  {%- if row_condition %}
  where {{ row_condition }}
  {%- endif %}
),
dbt_counted as (
  select value_field, row_number() over (order by count(*) desc) as dbt_place
  from dbt_values
  group by value_field, {{ adapter.bytes_of_text('value_field') }}
)
select value_field
from dbt_counted
where dbt_place = {{ top_n }} and ({{ adapter.unaccepted('value_field', values, quote_values) }})
{%- endmacro %}
