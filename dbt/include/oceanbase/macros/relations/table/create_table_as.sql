{#-
  Return one CREATE TABLE ... AS statement, with columns, constraints and comment. The server hides the table until the
  statement has ended.

  With an enforced contract, the columns are as the contract declares them. Without a contract, all columns are nullable
  and have no default. The keys, options and other parts of the design that the configs describe are part of the
  statement.

  A temporary table has no design. Its columns are as the server makes them from the SELECT, or with a contract have the
  contract's types and NOT NULL.

  Args:
    temporary (bool): whether the table is only needed while the node runs. OceanBase has no temporary tables, so it is
      an ordinary table that the adapter drops when the node ends.
    relation (Relation): the table
    sql (str): a SELECT
    wide_texts (bool): whether long texts are declared as TEXT, because the server has refused them as VARCHAR
  Returns: str, SQL
-#}
{% macro oceanbase__create_table_as(temporary, relation, sql, wide_texts=false) -%}
  {%- if temporary -%}
    {%- do oceanbase__prepare_staging(relation) -%}
  {%- endif -%}
  {%- do oceanbase__warn_about_float_literals(sql) -%}
  {%- set sql = adapter.with_fractions(oceanbase__hinted(sql)) -%}
  {%- set contract = config.get('contract') -%}
  {%- set design = adapter.empty_design() if temporary else adapter.table_design(config) -%}
  {{ config.get('sql_header', none) or '' }}
  create {{ adapter.load_hint(config) }}table {{ relation.render() }}
  {%- if contract.enforced %}
    {{ get_assert_columns_equivalent(sql) }}
    {%- set sql = oceanbase__contract_rows(sql) %}
    {{ oceanbase__contract_column_types() if temporary else oceanbase__columns_and_constraints(relation, design) }}
    {%- set sql = get_select_subquery(sql) %}
  {%- else %}
    {{ oceanbase__column_definitions(sql, temporary, wide_texts, design) }}
    {%- set sql = sql if temporary else adapter.with_nullable_columns(sql) %}
  {%- endif %}
  {%- if temporary %}
    {{ oceanbase__comment_clause(adapter.staging_comment()) }}
  {%- elif config.persist_relation_docs() and model.description %}
    {{ oceanbase__comment_clause(model.description) }}
  {%- endif %}
  {{ design.after_columns }}
  as
  {{ sql }}
{%- endmacro %}
