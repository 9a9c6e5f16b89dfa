{#-
  The SELECT of the rows for a table with the types of a contract. This is the model's own SELECT, unless a declared
  type may change a value without an error, as a decimal(5,2) changes 1.555. In that case the rows are staged first,
  with these columns in the types of the query, and the result selects the staged rows. One query looks for a value that
  would be changed. If there is one, an error that names it is raised.

  The staged rows are dropped when the node ends.

  Args:
    sql (str): the model's SELECT, whose columns get_assert_columns_equivalent has just read
  Returns: str
-#}
{% macro oceanbase__contract_rows(sql) %}
  {#- There is no result if a macro of the project has replaced get_assert_columns_equivalent. -#}
  {% set selected = load_result('contract_columns') %}
  {% set casts = adapter.contract_casts(model['columns'], selected.response) if selected else [] %}
  {% if not casts %}
    {{ return(sql) }}
  {% endif %}
  {% set rows = adapter.rows_relation(this.incorporate(type='table'), model.batch) %}
  {#- The rows are staged already if an earlier CREATE failed because its name was taken. -#}
  {% do adapter.drop_if_staged(rows) %}
  {% do oceanbase__prepare_staging(rows) %}
  {% set looked_at = casts | map(attribute='column') | map(attribute='name') | map('lower') | list %}
  {% call statement('contract_rows', auto_begin=False) -%}
    {{ config.get('sql_header', none) or '' }}
    create table {{ rows.render() }} {{ oceanbase__contract_column_types(looked_at) }}
    {{ oceanbase__comment_clause(adapter.staging_comment()) }}
    as
    {{ get_select_subquery(sql) }}
  {%- endcall %}
  {% do adapter.check_contract_rows(rows, casts, this) %}
  {{ return('select * from ' ~ rows.render()) }}
{% endmacro %}
