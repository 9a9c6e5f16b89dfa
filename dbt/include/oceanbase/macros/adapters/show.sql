{#-
  A query with a limit for the preview of ``dbt show``. A semicolon at the query's end would separate it from its limit.

  Args:
    sql (str): the query
    limit (int | none): rows
  Returns: SQL
-#}
{% macro oceanbase__get_limit_sql(sql, limit) %}
  {{ adapter.without_final_semicolon(sql) }}
  {%- if limit is not none %}
  limit {{ limit }}
  {%- endif -%}
{% endmacro %}
