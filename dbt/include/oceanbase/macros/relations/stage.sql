{#-
  Make way for a relation that is only needed while the node runs: a leftover of a killed run is dropped first.

  Args:
    relation (Relation)
-#}
{% macro oceanbase__stage(relation) %}
  {% set leftover = load_cached_relation(relation) %}
  {% if leftover is not none %}
    {% do oceanbase__assert_leftover(leftover) %}
    {% do adapter.drop_relation(leftover) %}
  {% endif %}
  {% do adapter.stage(relation) %}
{% endmacro %}
