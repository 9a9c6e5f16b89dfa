{#-
  One CREATE TABLE ... AS with columns, constraints and comment. The server hides the table until it is complete.
  Without a contract, all columns are nullable and have no default. With one, they are as declared. The columns of a
  temporary table are as the server makes them, and with a contract have its types. Keys, options and other parts of the
  design that the configs describe are part of the statement, but not for a temporary table.

  Args:
    temporary (bool): the table is only needed while the node runs; OceanBase has no temporary tables, so it is an
      ordinary table that the adapter drops when the node ends
    relation (Relation): the table
    sql (str): a SELECT
    wide_texts (bool): declare long texts as TEXT, because the server has refused them as VARCHAR
  Returns: str
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
