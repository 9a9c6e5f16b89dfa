{#-
  The statements that bring the external table of a source up to date, see adapter.stage_external. The variable
  ext_full_refresh makes it create the table again.

  Args:
    source_node (dict): a source of dbt's graph
  Returns: list[str]
-#}
{% macro oceanbase__get_external_build_plan(source_node) %}
  {{ return(adapter.stage_external(source_node, var('ext_full_refresh', false))) }}
{% endmacro %}
