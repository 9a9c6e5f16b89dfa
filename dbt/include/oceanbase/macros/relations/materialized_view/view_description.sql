{#- The description that the comment of the node's materialized view has. Returns: str, empty if none is stored. -#}
{% macro oceanbase__view_description() %}
  {{ return(model.description if config.persist_relation_docs() and model.description else '') }}
{% endmacro %}
