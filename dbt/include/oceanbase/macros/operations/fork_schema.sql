{#-
  Make a new schema with the tables, functions and views of another one, for development. The tables share their storage
  with the originals until one of the two is written to. Log one line for each relation, with the rows of a table.

  Run it by "dbt run-operation oceanbase__fork_schema --args '{from: shop, to: shop_ann}'".

  Args:
    from (str): the schema that is forked. It is not changed
    to (str): the schema that is made. It is an error if it exists
    tables (list[str], str or none): the names of the relations to fork. All by default
    exclude (list[str], str or none): the names of relations that are left out
  Returns: list[str], the lines of the log
-#}
{% macro oceanbase__fork_schema(from, to, tables=none, exclude=none) %}
  {% set lines = adapter.fork_schema(from, to, tables, exclude) if execute else [] %}
  {% for line in lines %}
    {% do log(line, info=true) %}
  {% endfor %}
  {{ return(lines) }}
{% endmacro %}
