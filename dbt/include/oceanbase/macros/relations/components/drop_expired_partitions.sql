{#-
  Drop the partitions in which all rows are past the retention of the config partition_by, and log their names and
  numbers of rows. Sends no statement for a view and for a node without a retention.

  Args:
    relation (Relation): a table or view that is not in a transaction
-#}
{% macro oceanbase__drop_expired_partitions(relation) %}
  {% if not relation.is_view %}
    {% do adapter.drop_expired_partitions(relation, config) %}
  {% endif %}
{% endmacro %}
