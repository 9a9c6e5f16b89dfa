{#-
  One CREATE TABLE ... AS: hidden by the server until it is complete, carrying columns, constraints and comment.

  Args:
    temporary (bool): the table is only needed while the node runs; OceanBase has no temporary tables, so it is an
      ordinary one that the adapter drops when the node ends
    relation (Relation)
    sql (str): a SELECT
  Returns: str
-#}
{% macro oceanbase__create_table_as(temporary, relation, sql) -%}
  {%- if temporary -%}
    {%- do oceanbase__stage(relation) -%}
  {%- endif -%}
  {%- set contract = config.get('contract') -%}
  {{ config.get('sql_header', none) or '' }}
  create table {{ relation.render() }}
  {%- if contract.enforced %}
    {{ get_assert_columns_equivalent(sql) }}
    {{ oceanbase__contract_types() if temporary else oceanbase__columns_and_constraints(relation) }}
    {%- set sql = get_select_subquery(sql) %}
  {%- elif not temporary %}
    {{ oceanbase__time_columns(sql) }}
  {%- endif %}
  {%- if temporary %}
    {{ oceanbase__comment_clause(oceanbase__staging_comment()) }}
  {%- elif config.persist_relation_docs() and model.description %}
    {{ oceanbase__comment_clause(model.description) }}
  {%- endif %}
  as
  {{ sql }}
{%- endmacro %}
