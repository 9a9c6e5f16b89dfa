{#-
  Create or replace a table or view from a SELECT. Readers always find a relation under the target's name.

  If no relation has the target's name, or if a view replaces a view, one CREATE statement is sent. In all other cases
  the new relation is a staging relation at first: it is created under another name, and gets the target's name when it
  is complete. This includes the case that dbt's cache has no relation of this name but the server has one.

  Args:
    target (Relation): the relation to build, with its type, table or view
    existing (Relation or none): the relation that dbt's cache has under the target's name
    sql (str): the SELECT
    keeps_rows (bool): raise an error instead of replacing a table that is not in dbt's cache, since its rows may not
      exist anywhere else
  Raises: an error if a view would replace a table to which a foreign key of another table refers, or if another run
    builds the relation at the same time
-#}
{% macro oceanbase__build_relation(target, existing, sql, keeps_rows=false) %}
  {% set in_place = existing is none or (existing.is_view and target.is_view) %}
  {% if in_place %}
    {% if oceanbase__create_from_select('main', target, sql) %}
      {% do oceanbase__drop_expired_partitions(target) %}
      {% do oceanbase__persist_column_comments(target) %}
      {% do oceanbase__analyze(target) %}
      {{ return('') }}
    {% endif %}
    {% set existing = adapter.actual_relation(target) %}
    {% if keeps_rows and existing.is_table %}
      {% do exceptions.raise_compiler_error(
        target.render() ~ ' exists, and did not when this run read its schema: nothing was changed; run the node again, which then adds to it'
      ) %}
    {% endif %}
  {% endif %}
  {% if target.is_view and existing.is_table %}
    {% do adapter.check_no_child_keys(existing) %}
  {% endif %}
  {% set staging = make_intermediate_relation(target) %}
  {% do oceanbase__prepare_staging(staging) %}
  {% do oceanbase__stage_from_select('main', staging, sql) %}
  {% do oceanbase__drop_expired_partitions(staging) %}
  {% do oceanbase__persist_column_comments(staging) %}
  {#- A RENAME keeps the statistics of the table, so readers never find the new table without statistics. -#}
  {% do oceanbase__analyze(staging) %}
  {% do oceanbase__swap_relations(staging, target, existing) %}
{% endmacro %}
