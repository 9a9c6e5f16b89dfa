{#-
  The node's query with the optimizer hints of its configs. The query of a snapshot is returned unchanged, because it
  got its hints before dbt's macros put it into a larger query.

  Args:
    sql (str): a SELECT
    is_view (bool): a view is created from it
  Returns: str
-#}
{% macro oceanbase__hinted(sql, is_view=false) %}
  {{ return(sql if model.resource_type == 'snapshot' else adapter.with_query_hints(sql, config, is_view)) }}
{% endmacro %}
