{#-
  Return the statements that replace rows of a table in one transaction: BEGIN, DELETE, INSERT and COMMIT. The package's
  own macro puts them into one text, but the adapter sends one statement at a time.

  Args:
    relation (Relation): the table
    insert_relation (Relation | none): the relation with the new rows; none for no INSERT
    delete_relation (Relation | none): the relation with the keys of the rows to delete; none for no DELETE
    delete_column_key (str): the column of the key; the DELETE also deletes the rows that have NULL in this column
  Returns: list[str], SQL
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
