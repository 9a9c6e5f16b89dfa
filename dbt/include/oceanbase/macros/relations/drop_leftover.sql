{#-
  Drop a relation that a killed run has left under the name of a staging table, which is a table that a node needs only
  while it runs.

  Args:
    leftover (Relation or none): the relation that dbt's cache has under this name; with none, nothing is done
  Raises: a compiler error if the relation belongs to a node of the project
-#}
{% macro oceanbase__drop_leftover(leftover) %}
  {% if leftover is not none %}
    {% do oceanbase__check_name_is_unused(leftover) %}
    {% do adapter.drop_relation(leftover) %}
  {% endif %}
{% endmacro %}
