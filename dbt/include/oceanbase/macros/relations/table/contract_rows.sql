{#-
  Return a SELECT of the model's rows, for a table with the types of a contract.

  This is the model's own SELECT, unless a type in the contract may change a value without an error, as decimal(5,2)
  changes 1.555. In that case the rows are first written to another table, in which the columns with such types have the
  types of the query, or are TEXT if the query's type is a long VARCHAR. One query then looks for values that would be
  changed. The returned SELECT reads this table, which is dropped when the node ends.

  Args:
    sql (str): the model's SELECT, whose columns get_assert_columns_equivalent has just read
  Returns: str, SQL
  Raises: an error with the value if a value would be changed
-#}
{% macro oceanbase__contract_rows(sql) %}
  {#- The result is missing if the project has its own macro get_assert_columns_equivalent. -#}
  {% set selected = load_result('contract_columns') %}
  {% set casts = adapter.contract_casts(model['columns'], selected.response) if selected else [] %}
  {% if not casts %}
    {{ return(sql) }}
  {% endif %}
  {% set rows = adapter.rows_relation(this.incorporate(type='table'), model.batch) %}
  {#- The table exists already if this macro runs again because an earlier CREATE of the model's table has failed. -#}
  {% do adapter.drop_if_staged(rows) %}
  {% do oceanbase__prepare_staging(rows) %}
  {% set looked_at = casts | map(attribute='column') | map(attribute='name') | map('lower') | list %}
  {% call statement('contract_rows', auto_begin=False) -%}
    {{ config.get('sql_header', none) or '' }}
    create table {{ rows.render() }} {{ oceanbase__contract_column_types(looked_at, adapter.wide_columns(casts)) }}
    {{ oceanbase__comment_clause(adapter.staging_comment()) }}
    as
    {{ get_select_subquery(sql) }}
  {%- endcall %}
  {% do adapter.check_contract_rows(rows, casts, this) %}
  {{ return('select * from ' ~ rows.render()) }}
{% endmacro %}
