{#-
  Return the column definitions that a CREATE TABLE ... AS needs before its SELECT, followed by the keys of the table's
  design. These columns of the SELECT need a definition:
  - dates and times with a description, which becomes the comment of the column
  - columns that are only a NULL
  - columns that have an attribute in the design, such as a skip index
  - long texts, if wide_texts is true
  - one other column, if the design has keys and no column above, because the server refuses keys without a column
  (4028)

  One query without rows reads the types of the columns. It is sent only if a column may need a definition. Another one
  reads the collations of the texts that are declared. It is sent only if there are such texts.

  The comments of dates and times are not added later by MODIFY, because the server would rebuild the table: the type
  that it stores for such a column of a SELECT differs slightly from the type in the MODIFY. On kernel 1.4 the rebuild
  may never end.

  Args:
    sql (str): a SELECT
    temporary (bool): whether the table is only needed while the node runs. Then descriptions are ignored, and a NULL
      column does not make the query necessary.
    wide_texts (bool): whether long texts are declared as TEXT, because the server has refused them as VARCHAR
    design (TableDesign): the keys, indexes, options and partitions of the table, see adapter.table_design
  Returns: str, empty if no column needs a definition
-#}
{% macro oceanbase__column_definitions(sql, temporary, wide_texts, design) -%}
  {%- set materialized = config.get('materialized') -%}
  {%- set described = model.columns if not temporary and config.persist_column_docs() and model.columns else {} -%}
  {%- if wide_texts or described or design.declares_columns or (not temporary and adapter.has_null_column(sql, materialized)) -%}
    {%- set header = config.get('sql_header', none) -%}
    {%- set selected = get_column_schema_from_query(sql, header) -%}
    {%- set definitions = adapter.created_columns(selected, described, materialized, wide_texts, design, [sql, header]) -%}
    {%- if definitions -%} ({{ (definitions + design.in_columns) | join(', ') }}) {%- endif -%}
  {%- endif -%}
{%- endmacro %}
