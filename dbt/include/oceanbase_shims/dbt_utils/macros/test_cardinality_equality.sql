{#-
  Select the values that occur more often in one of two columns than in the other. For each of these values, the result
  has one row for each column that contains the value, with the value and the number `num_rows` of its occurrences.
  The value is in a column with the name `column_name`, or in `value_field` if `column_name` is no name. Texts are
  compared byte for byte. With the config `collation: server`, the package's own test runs.

  Args:
    model (Relation | str): the relation of the first column
    column_name (str): the first column, or SQL of a value
    to (Relation | str): the relation of the second column
    field (str): the second column, or SQL of a value
-#}
{% macro oceanbase__test_cardinality_equality(model, column_name, to, field) %}
  {%- if oceanbase__compares_by_collation() -%}
    {{ return(dbt_utils.default__test_cardinality_equality(model, column_name, to, field)) }}
  {%- endif -%}
  {%- set is_name = modules.re.fullmatch('[\\w$]+|`[^`]+`', column_name) -%}
  {%- set value = 'value_field as ' ~ column_name if is_name else 'value_field' -%}
with dbt_values as (
  select {{ column_name }} as value_field, 1 as in_a, 0 as in_b from {{ model }}
  union all
  select {{ field }} as value_field, 0 as in_a, 1 as in_b from {{ to }}
),
dbt_differing as (
  select value_field, sum(in_a) as rows_a, sum(in_b) as rows_b
  from dbt_values
  group by {{ oceanbase_shims_dbt_utils.oceanbase__each_with_bytes(['value_field']) }}
  having sum(in_a) <> sum(in_b)
)
select {{ value }}, rows_a as num_rows from dbt_differing where rows_a > 0
union all
select {{ value }}, rows_b as num_rows from dbt_differing where rows_b > 0
{% endmacro %}
