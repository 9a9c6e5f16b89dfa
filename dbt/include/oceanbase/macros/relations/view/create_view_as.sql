{#- One statement, which also replaces a view of that name. -#}
{% macro oceanbase__create_view_as(relation, sql) -%}
  {%- do oceanbase__warn_about_float_literals(sql) -%}
  {%- set sql = oceanbase__hinted(sql, is_view=true) -%}
  {%- set contract = config.get('contract') -%}
  {{ config.get('sql_header', none) or '' }}
  create or replace view {{ relation.render() }}
  {%- if contract.enforced %}
    {{ get_assert_columns_equivalent(sql) }}
  {%- endif %}
  as
  {{ sql }}
{%- endmacro %}
