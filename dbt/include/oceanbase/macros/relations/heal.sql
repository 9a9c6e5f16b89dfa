{#-
  Clear what a killed run has left beside a relation, as the cache shows it: no statement where there is nothing.

  Args:
    target (Relation)
    existing (Relation or none): what the cache knows under the target's name
  Returns: Relation or none: what stands under the target's name now
-#}
{% macro oceanbase__heal(target, existing) %}
  {% if existing is not none and existing.is_function %}
    {#- Functions have names of their own: nothing stands in the way. -#}
    {% do adapter.cache_dropped(existing) %}
    {% set existing = none %}
  {% endif %}
  {% set backup = load_cached_relation(make_backup_relation(target, none)) %}
  {% if backup is not none %}
    {% do oceanbase__assert_leftover(backup) %}
    {% if existing is none %}
      {% do adapter.rename_relation(backup, target.incorporate(type=backup.type)) %}
      {% set existing = load_cached_relation(target) %}
    {% else %}
      {% do adapter.drop_replaced(backup, existing) %}
    {% endif %}
  {% endif %}
  {% set leftover = load_cached_relation(make_intermediate_relation(target)) %}
  {% if leftover is not none %}
    {% do oceanbase__assert_leftover(leftover) %}
    {% do adapter.drop_relation(leftover) %}
  {% endif %}
  {{ return(existing) }}
{% endmacro %}
