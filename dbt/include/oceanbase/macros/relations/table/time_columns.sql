{#-
  Those described columns of a SELECT that hold dates or times, for its CREATE TABLE ... AS, with their comments: one
  query without rows. A MODIFY would have the server build the table a second time, since the type it writes down for
  such an expression is not quite the one that it reads in a definition; on kernel 1.4 that may never end.

  Args:
    sql (str): a SELECT
  Returns: str, empty where there are none
-#}
{% macro oceanbase__time_columns(sql) -%}
  {%- if config.persist_column_docs() and model.columns -%}
    {%- set selected = get_column_schema_from_query(sql, config.get('sql_header', none)) -%}
    {%- set described = adapter.described_times(selected, model.columns) -%}
    {%- if described -%} ({{ described | join(', ') }}) {%- endif -%}
  {%- endif -%}
{%- endmacro %}
