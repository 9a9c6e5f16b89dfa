{#- Add the column comments that CREATE could not carry. Views have none. -#}
{% macro oceanbase__persist_column_comments(relation) %}
  {% do persist_docs(relation, model, for_relation=false) %}
{% endmacro %}
