{#-
  Return one CREATE OR REPLACE VIEW statement, with the column names and the check option in the view's configs.

  Args:
    relation (Relation): the view
    sql (str): the SELECT of the view
  Returns: str, SQL
  Raises: an error if a contract is enforced and the SELECT does not fulfil it
-#}
{% macro oceanbase__create_view_as(relation, sql) -%}
  {%- do oceanbase__warn_about_float_literals(sql) -%}
  {%- set sql = oceanbase__hinted(sql, is_view=true) -%}
  {%- set contract = config.get('contract') -%}
  {%- set options = adapter.view_options(config) -%}
  {{ config.get('sql_header', none) or '' }}
  create or replace view {{ relation.render() }}{{ options.column_list }}
  {%- if contract.enforced %}
    {{ get_assert_columns_equivalent(sql) }}
  {%- endif %}
  as
  {{ adapter.without_final_semicolon(sql) if options.check_clause else sql }}
  {{ options.check_clause }}
{%- endmacro %}
