{#-
  Nothing: the columns of an external table are part of its CREATE statement. The package runs this macro after the
  statements of the plan.

  Args:
    source_node (dict): a source of dbt's graph, not used
-#}
{% macro oceanbase__update_external_table_columns(source_node) %}
{% endmacro %}
