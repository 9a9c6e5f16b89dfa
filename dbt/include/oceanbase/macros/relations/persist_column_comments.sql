{#-
  Add the comments of columns that the relation's CREATE did not include. Views get none, because the server stores
  none.
-#}
{% macro oceanbase__persist_column_comments(relation) %}
  {% do persist_docs(relation, model, for_relation=false) %}
{% endmacro %}
