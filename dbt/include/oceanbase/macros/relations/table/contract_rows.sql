{#-
  The SELECT of the rows for a table with the types of a contract: the model's own, unless a declared type may change
  values without an error, such as 1.555 in a decimal(5,2). Then the rows are staged first, with those columns in the
  types of the query, and one query looks for such a value. Raises an error that names it.

  The staged rows are dropped when the node ends.

  Args:
    sql (str): the model's SELECT, whose columns get_assert_columns_equivalent has just read
  Returns: str
-#}
{% macro oceanbase__contract_rows(sql) %}
  {#- Without a result, a macro of the project has replaced get_assert_columns_equivalent. -#}
  {% set selected = load_result('contract_columns') %}
  {% set casts = adapter.contract_casts(model['columns'], selected.response) if selected else [] %}
  {% if not casts %}
    {{ return(sql) }}
  {% endif %}
  {% set rows = adapter.rows_relation(this.incorporate(type='table'), model.batch) %}
  {#- A CREATE whose name turned out to be taken has staged them before. -#}
  {% do adapter.drop_if_staged(rows) %}
  {% do oceanbase__prepare_staging(rows) %}
  {% set looked_at = casts | map(attribute='column') | map(attribute='name') | map('lower') | list %}
  {% call statement('contract_rows', auto_begin=False) -%}
    {{ config.get('sql_header', none) or '' }}
    create table {{ rows.render() }} {{ oceanbase__contract_column_types(looked_at) }}
    {{ oceanbase__comment_clause(oceanbase__staging_comment()) }}
    as
    {{ get_select_subquery(sql) }}
  {%- endcall %}
  {% do adapter.check_contract_rows(rows, casts, this) %}
  {{ return('select * from ' ~ rows.render()) }}
{% endmacro %}
