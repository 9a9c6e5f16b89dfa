{#-
  Rename back or drop what a killed run of the node has left, as the cache shows it. Sends no statement if there is
  nothing.

  Args:
    target (Relation)
    existing (Relation or none): what the cache has under the target's name
  Returns: Relation or none: what has the target's name now
-#}
{% macro oceanbase__recover_interrupted_run(target, existing) %}
  {% if existing is not none and existing.is_function %}
    {#- Functions have a namespace of their own, so a table or view can have the same name. -#}
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
