{#-
  Clean up what a killed run of the node has left. If the node's relation is missing and its backup exists, the backup
  gets its name back. Otherwise the backup is dropped. Staging relations of the node are dropped. Only dbt's cache is
  searched for all these relations, so no statement is sent if there are none.

  Args:
    target (Relation): the relation of the node
    existing (Relation or none): the relation that dbt's cache has under the target's name
  Returns: Relation or none, the relation that has the target's name after the clean-up
-#}
{% macro oceanbase__recover_interrupted_run(target, existing) %}
  {% if existing is not none and existing.is_function %}
    {#-
      On the server, functions have their own namespace, so a table or view can be created under the function's name.
    -#}
    {% do adapter.cache_dropped(existing) %}
    {% set existing = none %}
  {% endif %}
  {% set backup = load_cached_relation(make_backup_relation(target, none)) %}
  {% if backup is not none %}
    {% do oceanbase__check_name_is_unused(backup) %}
    {% if existing is none %}
      {% do adapter.rename_relation(backup, target.incorporate(type=backup.type)) %}
      {% set existing = load_cached_relation(target) %}
    {% else %}
      {% do adapter.drop_replaced(backup, existing) %}
    {% endif %}
  {% endif %}
  {% do oceanbase__drop_leftover(load_cached_relation(make_intermediate_relation(target))) %}
  {% do oceanbase__drop_leftover(load_cached_relation(adapter.rows_relation(target, none))) %}
  {{ return(existing) }}
{% endmacro %}
