{#-
  Add the comments of columns that the CREATE statement of a new relation did not include. Nothing is added to a view,
  because the server stores no comments of views.

  Args:
    relation (Relation): a table or view
-#}
{% macro oceanbase__persist_column_comments(relation) %}
  {% do persist_docs(relation, model, for_relation=false) %}
{% endmacro %}
