{#-
  Drop the relation that a killed run has left under the name of a staging relation. Then register the staging relation,
  so that the adapter drops it when the node ends.

  Args:
    relation (Relation): about to be created
-#}
{% macro oceanbase__prepare_staging(relation) %}
  {% do oceanbase__drop_leftover(load_cached_relation(relation)) %}
  {% do adapter.register_staged(relation) %}
{% endmacro %}
