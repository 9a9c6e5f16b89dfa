{#-
  Comments of a table that exists already. A new one gets its own comment from its CREATE (see create_table_as.sql).
  Views: the engine stores neither a comment of a view nor of its columns.
-#}
{% macro oceanbase__persist_docs(relation, model, for_relation=true, for_columns=true) %}
  {% if relation.is_view %}
    {% if (config.persist_relation_docs() and model.description) or (config.persist_column_docs() and model.columns) %}
      {% do log('persist_docs: OceanBase stores no comments of views; ' ~ relation.render() ~ ' stays without') %}
    {% endif %}
  {% else %}
    {% if for_relation and config.persist_relation_docs() and model.description %}
      {% do run_query(alter_relation_comment(relation, model.description)) %}
    {% endif %}
    {% do oceanbase__persist_column_docs(relation, model, for_columns) %}
  {% endif %}
{% endmacro %}

{% macro oceanbase__persist_column_docs(relation, model, for_columns=true) %}
  {% if for_columns and config.persist_column_docs() and model.columns %}
    {% do adapter.comment_columns(relation, model.columns) %}
  {% endif %}
{% endmacro %}

{% macro oceanbase__alter_relation_comment(relation, relation_comment) -%}
  alter table {{ relation.render() }} {{ oceanbase__comment_clause(relation_comment) }}
{%- endmacro %}

{% macro oceanbase__comment_clause(comment) -%}
  comment = {{ adapter.comment_literal(comment) }}
{%- endmacro %}
