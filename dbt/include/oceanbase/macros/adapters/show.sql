{#-
  Return a query with a limit, for the preview of `dbt show`. Semicolons at the end of the query are removed, because
  the limit comes after them.

  Args:
    sql (str): the query
    limit (int | none): the maximum number of rows, or none for all
  Returns: str, SQL
-#}
{% macro oceanbase__get_limit_sql(sql, limit) %}
  {{ adapter.without_final_semicolon(sql) }}
  {%- if limit is not none %}
  limit {{ limit }}
  {%- endif -%}
{% endmacro %}
