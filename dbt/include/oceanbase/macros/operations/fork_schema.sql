{#-
  Create a new schema with the tables, functions and views of another schema, for development. The tables share their
  storage with the originals until one of the two is written to. A table that the server cannot fork is copied. One line
  is logged for each relation. That of a table has the number of rows, and the reason if the table was copied.

  Run it by "dbt run-operation oceanbase__fork_schema --args '{from: shop, to: shop_ann}'".

  Args:
    from (str): the name of the schema that is forked; this schema is not changed
    to (str): the name of the new schema
    tables (list[str], str or none): the names of the relations to fork; none for all
    exclude (list[str], str or none): the names of relations that are left out
  Returns: list[str], the logged lines
  Raises: an error if a name is wrong, if the schema `from` does not exist, or if the schema `to` exists
-#}
{% macro oceanbase__fork_schema(from, to, tables=none, exclude=none) %}
  {% set lines = adapter.fork_schema(from, to, tables, exclude) if execute else [] %}
  {% for line in lines %}
    {% do log(line, info=true) %}
  {% endfor %}
  {{ return(lines) }}
{% endmacro %}
