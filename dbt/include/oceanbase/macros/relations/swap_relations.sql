{#-
  Replace an existing relation by a staging relation, which is a new relation that was created under another name. One
  atomic RENAME gives the existing relation the name of a backup, and the staging relation its final name. Then the
  backup is dropped, as the type that it has on the server.

  If the existing relation is gone, for example because a pre-hook has dropped it, only the staging relation is renamed.

  Args:
    staging (Relation): the staging relation, which is complete
    target (Relation): the final name and type of the staging relation
    existing (Relation): the relation that has this name now
  Raises: an error if the server refuses to move a foreign key of another table from the existing relation to the new
    one. If dbt's user may not see or may not change that table, the existing relation has its name again.
-#}
{% macro oceanbase__swap_relations(staging, target, existing) %}
  {% set backup = adapter.register_staged(make_backup_relation(target, existing.type)) %}
  {% set has_backup = adapter.try_swap(staging, target, existing, backup) %}
  {% do adapter.unregister_staged(staging) %}
  {% do adapter.cache_dropped(existing) %}
  {% do adapter.cache_added(target) %}
  {% if has_backup %}
    {% do adapter.drop_replaced(backup, target, staging) %}
  {% else %}
    {% do adapter.unregister_staged(backup) %}
  {% endif %}
{% endmacro %}
