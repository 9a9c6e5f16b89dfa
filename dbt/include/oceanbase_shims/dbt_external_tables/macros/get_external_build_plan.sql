{#-
  Return the statements that bring the external table of a source up to date, see adapter.stage_external. If the
  variable ext_full_refresh is true, the table is created again even if its definition is unchanged.

  Args:
    source_node (dict): a source of dbt's graph
  Returns: list[str], SQL
-#}
{% macro oceanbase__get_external_build_plan(source_node) %}
  {{ return(adapter.stage_external(source_node, var('ext_full_refresh', false))) }}
{% endmacro %}
