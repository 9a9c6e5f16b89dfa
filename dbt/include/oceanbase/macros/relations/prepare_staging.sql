{#-
  Drop the leftover of a killed run that has the name of a staging relation, and register the name: the adapter drops
  the relation when the node ends.

  Args:
    relation (Relation): about to be created
-#}
{% macro oceanbase__prepare_staging(relation) %}
  {% do oceanbase__drop_leftover(load_cached_relation(relation)) %}
  {% do adapter.register_staged(relation) %}
{% endmacro %}
