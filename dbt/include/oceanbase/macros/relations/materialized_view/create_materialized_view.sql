{#-
  Create a materialized view, with its indexes and the comments of its columns. If a fast refresh needs materialized
  view logs of the tables that the query reads, the missing logs are created too.

  Args:
    name (str): the name under which dbt keeps the statement's result
    relation (Relation): the view, which does not exist yet
    sql (str): the query of the view
    scheduled (bool): whether the view gets its schedule, by which the server refreshes it
  Returns: bool, false if the server already has a relation of this name that is not in dbt's cache
-#}
{% macro oceanbase__create_materialized_view(name, relation, sql, scheduled=true) %}
  {% do oceanbase__warn_about_float_literals(sql) %}
  {% set create_sql = adapter.create_materialized_view_sql(relation, config, sql, oceanbase__view_description(), scheduled) %}
  {% do write(create_sql) %}
  {% if config.get('sql_header', none) %}
    {% call statement('header', auto_begin=False) -%}{{ config.get('sql_header') }}{%- endcall %}
  {% endif %}
  {% set response = adapter.try_create_materialized_view(relation, create_sql, sql) %}
  {% if response is none %}
    {{ return(false) }}
  {% endif %}
  {% do store_result(name, response=response) %}
  {% for index in adapter.indexes_of_new(relation, config) %}
    {% call statement('index', auto_begin=False) -%}{{ index }}{%- endcall %}
  {% endfor %}
  {% do persist_docs(relation, model) %}
  {{ return(true) }}
{% endmacro %}
