{#-
  Write the rows of a query to new files, and create an external table over these files with the model's name. A
  relation that has this name is replaced.

  The external table is created first, under a staging name, because a server without external tables then fails before
  it has written a file. The external table gets the model's name after all rows have been read back from the files.
  Raises an error if a foreign key of another table refers to the relation that would be replaced, since the foreign key
  would be lost.

  Args:
    target (Relation): with the type external
    existing (Relation or none): what the cache has under that name
    files (ModelFiles): the result of adapter.external_files
    sql (str): the query
-#}
{% macro oceanbase__build_external(target, existing, files, sql) %}
  {% if existing is not none and existing.is_table %}
    {% do adapter.check_no_child_keys(existing, 'an external table') %}
  {% endif %}
  {% set header = config.get('sql_header', none) %}
  {#- the query is put in parentheses below -#}
  {% set query = adapter.without_final_semicolon(oceanbase__hinted(sql)) %}
  {% set columns = adapter.read_collations(get_column_schema_from_query(query, header), query, header) %}
  {% set staging = make_intermediate_relation(target) %}
  {% do oceanbase__drop_leftover(load_cached_relation(staging)) %}
  {% do adapter.create_external(oceanbase__create_external_sql(staging, files, columns), staging) %}
  {#-
    Before the CREATE has succeeded, a table of this name may belong to another run, and must not be dropped when this
    node ends. So the name is registered only now.
  -#}
  {% do adapter.register_staged(staging) %}
  {% set listed = 'select ' ~ files.select_list(columns) ~ ' from (\n' ~ query ~ '\n) as dbt_rows\n' %}
  {% set select_sql = (header ~ '\n' if header else '') ~ listed ~ files.into_clause() %}
  {% do write(adapter.shown(select_sql)) %}
  {% set response = adapter.external_step(select_sql, target.render()) %}
  {% do store_result('main', response=response) %}
  {#-
    Another run may have put its own table under the staging name. This check keeps REFRESH and the reading of the files
    off that table. The same check is made again below, before the names are swapped.
  -#}
  {% do oceanbase__check_own_files(staging, files) %}
  {% call statement('refresh', auto_begin=False) -%}
    alter external table {{ staging.render() }} refresh
  {%- endcall %}
  {% do adapter.check_files(staging, columns, response) %}
  {% do oceanbase__check_own_files(staging, files) %}
  {% if existing is none %}
    {% set existing = adapter.actual_relation(target) %}
    {% if existing is not none and existing.is_table %}
      {% do adapter.check_no_child_keys(existing, 'an external table') %}
    {% endif %}
  {% endif %}
  {% if existing is none %}
    {% do adapter.rename_relation(staging, target) %}
    {% do adapter.unregister_staged(staging) %}
  {% else %}
    {% do oceanbase__swap_relations(staging, target, existing) %}
  {% endif %}
{% endmacro %}
