{#-
  Prepare the creation of a staging relation, which is a relation that the node renames or drops before it ends. If a
  killed run has left a relation of the same name, it is dropped. Then the staging relation is registered, so that the
  adapter drops it if it still exists when the node ends.

  Args:
    relation (Relation): the staging relation, which the caller creates next
  Raises: a compiler error if the name belongs to a node of the project
-#}
{% macro oceanbase__prepare_staging(relation) %}
  {% do oceanbase__drop_leftover(load_cached_relation(relation)) %}
  {% do adapter.register_staged(relation) %}
{% endmacro %}
