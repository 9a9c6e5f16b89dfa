{#-
  Return the CREATE EXTERNAL TABLE statement for the files of a model. If persist_docs is set, the statement has the
  model's descriptions as comments, because a later ALTER could not add them. A description that is too long for the
  server is truncated, with a warning.

  Args:
    relation (Relation): the external table
    files (ModelFiles): the result of adapter.external_files
    columns (list[Column]): the columns of the model's query
  Returns: str, SQL
-#}
{% macro oceanbase__create_external_sql(relation, files, columns) %}
  {% set comments = {} %}
  {% if config.persist_column_docs() %}
    {% for name, column in model.columns.items() if column.description %}
      {% do comments.update({name | lower: adapter.stored_comment(column.description, of_column=true)}) %}
    {% endfor %}
  {% endif %}
  {% set comment = adapter.stored_comment(model.description or '') if config.persist_relation_docs() else '' %}
  {{ return(files.table(columns, comments, comment).create_statement(relation.render())) }}
{% endmacro %}
