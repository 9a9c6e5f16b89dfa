{#-
  Query the time of the last load of a source by its loaded_at_query. Semicolons at the end of the query are removed,
  because it is put in parentheses.

  Args:
    source (Relation): the source
    loaded_at_query (str): the query, which returns one value
  Returns: the result of the statement
-#}
{% macro oceanbase__collect_freshness_custom_sql(source, loaded_at_query) %}
  {{ return(default__collect_freshness_custom_sql(source, adapter.without_final_semicolon(loaded_at_query))) }}
{% endmacro %}
