{#-
  Check that the columns of a model's SELECT fulfil the model's contract. One query without rows reads the columns. They
  are stored as the result "contract_columns", which oceanbase__contract_rows uses.

  Types of one family count as equal, because CAST cannot give an expression every type (integers become bigint, and
  texts varchar). The table gets the types of the contract anyway.

  Args:
    sql (str): the model's SELECT
  Raises: an error if the contract has no columns, if a column has no data_type, or if the SELECT has other columns or
    types
-#}
{% macro oceanbase__get_assert_columns_equivalent(sql) -%}
  {%- set columns = model['columns'] -%}
  {%- if not columns -%}
    {%- do exceptions.raise_contract_error([], []) -%}
  {%- endif -%}
  {%- set untyped = columns.values() | rejectattr('data_type') | map(attribute='name') | list -%}
  {%- if untyped -%}
    {%- do exceptions.column_type_missing(column_names=untyped) -%}
  {%- endif -%}
  {%- for column in columns.values() if column.data_type == 'decimal' -%}
    {%- do exceptions.warn(
      'data_type of ' ~ column.name ~ ' in ' ~ this ~ ': without precision and scale it is decimal(10,0): a value with a fraction fails the model'
    ) -%}
  {%- endfor -%}
  {%- set selected = get_column_schema_from_query(sql, config.get('sql_header', none)) -%}
  {%- set declared, found = adapter.compared_with_contract(columns, selected) -%}
  {%- if declared != found -%}
    {%- do exceptions.raise_contract_error(declared, found) -%}
  {%- endif -%}
  {%- do store_result('contract_columns', response=selected) -%}
{%- endmacro %}
