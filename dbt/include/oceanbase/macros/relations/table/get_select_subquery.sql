{#-
  Return a SELECT of a contract's columns, in the order of the contract, from a model's query. Semicolons at the end of
  the query are removed, because it is put in parentheses.

  Args:
    sql (str): the model's SELECT
  Returns: str, SQL
-#}
{% macro oceanbase__get_select_subquery(sql) %}
  {{ return(default__get_select_subquery(adapter.without_final_semicolon(sql))) }}
{% endmacro %}
