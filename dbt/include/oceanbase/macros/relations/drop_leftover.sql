{#-
  Drop a relation that a killed run has left, if there is one.

  Args:
    leftover (Relation or none): what the cache has under the name of a staging table
-#}
{% macro oceanbase__drop_leftover(leftover) %}
  {% if leftover is not none %}
    {% do oceanbase__check_name_is_unused(leftover) %}
    {% do adapter.drop_relation(leftover) %}
  {% endif %}
{% endmacro %}
