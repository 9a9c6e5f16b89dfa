{#-
  Drop the partitions in which all rows are past the retention in the config partition_by. Log their names and numbers
  of rows. No statement is sent for a view, or for a node without a retention.

  Args:
    relation (Relation): a table or view to which no open transaction has written
-#}
{% macro oceanbase__drop_expired_partitions(relation) %}
  {% if not relation.is_view %}
    {% do adapter.drop_expired_partitions(relation, config) %}
  {% endif %}
{% endmacro %}
