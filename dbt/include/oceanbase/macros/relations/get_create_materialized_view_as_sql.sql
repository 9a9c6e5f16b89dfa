{#- A materialized view is refused by its config's name; dbt would name a macro. -#}
{% macro oceanbase__get_create_materialized_view_as_sql(relation, sql) %}
  {% do exceptions.raise_compiler_error(
    'materialized: materialized_view: not yet supported by dbt-oceanbase: use table or incremental'
  ) %}
{% endmacro %}
