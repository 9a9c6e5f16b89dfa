{#-
  Return the statements that replace rows of a table, in one transaction. OceanBase has no BEGIN TRANSACTION, and the
  adapter sends one statement at a time.

  Args:
    relation (Relation): the table
    insert_relation (Relation | none): new rows
    delete_relation (Relation | none): keys of the rows that are deleted
    delete_column_key (str): column of the key; with delete_relation, rows without a key are deleted, too
-#}
{% macro oceanbase__get_delete_and_insert_queries(relation, insert_relation, delete_relation, delete_column_key) -%}
  {%- set queries = ['begin'] -%}
  {%- if delete_relation -%}
    {%- do queries.append(
      'delete from ' ~ relation ~ ' where ' ~ delete_column_key ~ ' is null or ' ~ delete_column_key
      ~ ' in (select ' ~ delete_column_key ~ ' from ' ~ delete_relation ~ ')'
    ) -%}
  {%- endif -%}
  {%- if insert_relation -%}
    {%- do queries.append('insert into ' ~ relation ~ ' select * from ' ~ insert_relation) -%}
  {%- endif -%}
  {{ return(queries + ['commit']) }}
{%- endmacro %}
