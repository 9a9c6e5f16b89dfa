{#-
  Do nothing. The package runs this macro after it has created an external table, to change the columns. On OceanBase
  the columns are part of the CREATE statement.

  Args:
    source_node (dict): a source of dbt's graph, not used
-#}
{% macro oceanbase__update_external_table_columns(source_node) %}
{% endmacro %}
