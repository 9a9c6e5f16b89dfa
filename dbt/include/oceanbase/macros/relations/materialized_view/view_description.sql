{#-
  Return the description of the node, for the comment of its materialized view.

  Returns: str, empty if the node has no description, or if persist_docs is not set for relations
-#}
{% macro oceanbase__view_description() %}
  {{ return(model.description if config.persist_relation_docs() and model.description else '') }}
{% endmacro %}
