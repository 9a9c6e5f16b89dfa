{#-
  Replace all rows of a table in one transaction. The package's own macro creates the table instead, which fails in
  OceanBase if the table exists.

  Args:
    relation (Relation): the table
    rows (list[dict]): the new rows, by column name
-#}
{% macro oceanbase__replace_table_data(relation, rows) -%}
  {%- set new_rows = elementary.create_intermediate_relation(relation, rows, temporary=true) -%}
  {%- set insert = 'insert into ' ~ relation ~ ' select * from ' ~ new_rows -%}
  {%- for query in ('begin', 'delete from ' ~ relation, insert, 'commit') -%}
    {%- do elementary.run_query(query) -%}
  {%- endfor -%}
  {%- do adapter.drop_relation(new_rows) -%}
{%- endmacro %}
