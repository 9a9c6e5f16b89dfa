{#-
  The definitions, with comments, of those described columns of a SELECT that hold dates or times, for its CREATE TABLE
  ... AS. The types are read by one query without rows.

  Adding these comments later, by MODIFY, would make the server rebuild the table: the type that it stores for such an
  expression differs slightly from the type that it reads in a definition. On kernel 1.4 the rebuild may never end.

  Args:
    sql (str): a SELECT
  Returns: str, empty if there are none
-#}
{% macro oceanbase__time_column_definitions(sql) -%}
  {%- if config.persist_column_docs() and model.columns -%}
    {%- set selected = get_column_schema_from_query(sql, config.get('sql_header', none)) -%}
    {%- set described = adapter.described_times(selected, model.columns) -%}
    {%- if described -%} ({{ described | join(', ') }}) {%- endif -%}
  {%- endif -%}
{%- endmacro %}
