{#-
  Write the rows of a query to new files, and put an external table over these files in the place of what has the
  model's name. The external table is created first, under a staging name, because a server without external tables then
  fails before it has written a file. The two names are swapped after all rows have been read back from the files.

  Args:
    target (Relation): with the type external
    existing (Relation or none): what the cache has under that name
    files (ModelFiles): the result of adapter.external_files
    sql (str): the query
-#}
{% macro oceanbase__build_external(target, existing, files, sql) %}
  {% set header = config.get('sql_header', none) %}
  {% set query = oceanbase__hinted(sql) %}
  {% set columns = get_column_schema_from_query(query, header) %}
  {% set staging = make_intermediate_relation(target) %}
  {% do oceanbase__prepare_staging(staging) %}
  {% do adapter.create_external(oceanbase__create_external_sql(staging, files, columns), staging) %}
  {% set listed = 'select ' ~ files.select_list(columns) ~ ' from (\n' ~ query ~ '\n) as dbt_rows\n' %}
  {% set select_sql = (header ~ '\n' if header else '') ~ listed ~ files.into_clause() %}
  {% do write(select_sql) %}
  {% set response = adapter.external_step(select_sql, target.render()) %}
  {% do store_result('main', response=response) %}
  {% call statement('refresh', auto_begin=False) -%}
    alter external table {{ staging.render() }} refresh
  {%- endcall %}
  {% do adapter.check_files(staging, columns, response) %}
  {% set existing = existing if existing is not none else adapter.actual_relation(target) %}
  {% if existing is none %}
    {% do adapter.rename_relation(staging, target) %}
    {% do adapter.unregister_staged(staging) %}
  {% else %}
    {% do oceanbase__swap_relations(staging, target, existing) %}
  {% endif %}
{% endmacro %}
