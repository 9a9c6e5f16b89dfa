{#- Comments that its CREATE could not carry: those of columns, and for views none. -#}
{% macro oceanbase__describe(relation) %}
  {% do persist_docs(relation, model, for_relation=false) %}
{% endmacro %}
