{#-
  The definitions of those columns of a SELECT that its CREATE TABLE ... AS has to declare. These are columns of dates
  or times with a description, which becomes their comment, columns that are only a NULL, and those that the keys of the
  table's design need. The keys follow the columns. One query without rows reads the types. It is sent only if there are
  descriptions to store or keys to make, or the text of the SELECT has such a NULL.

  The comments of dates and times are not added later by MODIFY, because the server would rebuild the table. The type
  that it stores for such a column of a SELECT differs slightly from the type in the MODIFY. On kernel 1.4 the rebuild
  may never end.

  Args:
    sql (str): a SELECT
    temporary (bool): the table is only needed while the node runs, so descriptions and NULL columns are not declared
    wide_texts (bool): also declare long texts as TEXT, because the server has refused them as VARCHAR
    design (TableDesign): see oceanbase__create_table_as
  Returns: str, empty if no column has to be declared
-#}
{% macro oceanbase__column_definitions(sql, temporary, wide_texts, design) -%}
  {%- set materialized = config.get('materialized') -%}
  {%- set described = model.columns if not temporary and config.persist_column_docs() and model.columns else {} -%}
  {%- if wide_texts or described or design.declares_columns or (not temporary and adapter.has_null_column(sql, materialized)) -%}
    {%- set selected = get_column_schema_from_query(sql, config.get('sql_header', none)) -%}
    {%- set definitions = adapter.created_columns(selected, described, materialized, wide_texts, design) -%}
    {%- if definitions -%} ({{ (definitions + design.in_columns) | join(', ') }}) {%- endif -%}
  {%- endif -%}
{%- endmacro %}
