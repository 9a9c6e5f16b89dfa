{#-
  Select the combinations of values that more than one row has. Texts are compared byte for byte, as in the adapter's
  test `unique`. With the config `collation: server`, the package's own test runs.

  Args:
    model (Relation | str)
    combination_of_columns (list[str]): the columns
    quote_columns (bool): whether the columns are names that have to be quoted; otherwise they are SQL
-#}
{% macro oceanbase__test_unique_combination_of_columns(model, combination_of_columns, quote_columns=false) %}
  {%- if oceanbase__compares_by_collation() -%}
    {{ return(dbt_utils.default__test_unique_combination_of_columns(model, combination_of_columns, quote_columns)) }}
  {%- endif -%}
  {%- set columns = [] -%}
  {%- for column in combination_of_columns -%}
    {%- do columns.append(adapter.quote(column) if quote_columns else column) -%}
  {%- endfor -%}
select {{ columns | join(', ') }}
from {{ model }}
group by {{ oceanbase_shims_dbt_utils.oceanbase__each_with_bytes(columns) }}
having count(*) > 1
{% endmacro %}
