{#-
  One CREATE TABLE ... AS with columns, constraints and comment. The server hides the table until it is complete.

  Args:
    temporary (bool): the table is only needed while the node runs; OceanBase has no temporary tables, so it is an
      ordinary table that the adapter drops when the node ends
    relation (Relation): the table
    sql (str): a SELECT
  Returns: str
-#}
{% macro oceanbase__create_table_as(temporary, relation, sql) -%}
  {%- if temporary -%}
    {%- do oceanbase__prepare_staging(relation) -%}
  {%- endif -%}
  {%- set contract = config.get('contract') -%}
  {{ config.get('sql_header', none) or '' }}
  create table {{ relation.render() }}
  {%- if contract.enforced %}
    {{ get_assert_columns_equivalent(sql) }}
    {%- set sql = oceanbase__contract_rows(sql) %}
    {{ oceanbase__contract_column_types() if temporary else oceanbase__columns_and_constraints(relation) }}
    {%- set sql = get_select_subquery(sql) %}
  {%- elif not temporary %}
    {{ oceanbase__time_column_definitions(sql) }}
  {%- endif %}
  {%- if temporary %}
    {{ oceanbase__comment_clause(oceanbase__staging_comment()) }}
  {%- elif config.persist_relation_docs() and model.description %}
    {{ oceanbase__comment_clause(model.description) }}
  {%- endif %}
  as
  {{ sql }}
{%- endmacro %}
