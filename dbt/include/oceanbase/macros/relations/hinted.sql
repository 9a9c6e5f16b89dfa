{#-
  Return the query of a node with the optimizer hints in its configs. The query of a snapshot is returned unchanged,
  because the snapshot materialization has added the hints already, before dbt's macros put the query into a larger one.

  Args:
    sql (str): a SELECT
    is_view (bool): whether a view is created from the SELECT
  Returns: str, SQL
-#}
{% macro oceanbase__hinted(sql, is_view=false) %}
  {{ return(sql if model.resource_type == 'snapshot' else adapter.with_query_hints(sql, config, is_view)) }}
{% endmacro %}
