{#-
  Write the descriptions of an existing table and its columns as comments, if persist_docs is set. A table that this run
  has created already has its own comment from CREATE TABLE (see create_table_as.sql). The server stores no comments of
  views or of their columns, so for a view this is logged once in a run. It is no warning, because persist_docs is
  usually set for a whole project, and --warn-error would fail one of its views.

  Args:
    relation (Relation): a table, view or materialized view
    model (dict): the node, with its description and columns
    for_relation (bool): whether to write the comment of the table
    for_columns (bool): whether to write the comments of the columns
-#}
{% macro oceanbase__persist_docs(relation, model, for_relation=true, for_columns=true) %}
  {% if relation.is_view %}
    {% set wanted = (config.persist_relation_docs() and model.description) or (config.persist_column_docs() and model.columns) %}
    {% if wanted and adapter.first_time('comments of views') %}
      {% do log('persist_docs: OceanBase stores no comments of views; ' ~ relation.render() ~ ' and other views stay without', info=true) %}
    {% endif %}
  {% elif relation.is_materialized_view %}
    {#-
      The materialization writes the comment of the view itself, which has a mark at its end. The comments of the
      columns belong to the table in which the server stores the view.
    -#}
    {% if for_columns and config.persist_column_docs() and model.columns %}
      {% do oceanbase__persist_column_docs(adapter.container_of(relation), model) %}
    {% endif %}
  {% else %}
    {% if for_relation and config.persist_relation_docs() and model.description and not adapter.has_comment(relation, model.description) %}
      {% do run_query(alter_relation_comment(relation, model.description)) %}
    {% endif %}
    {% do oceanbase__persist_column_docs(relation, model, for_columns) %}
  {% endif %}
{% endmacro %}

{% macro oceanbase__persist_column_docs(relation, model, for_columns=true) %}
  {% if for_columns and config.persist_column_docs() and model.columns %}
    {% do oceanbase__warn_absent_columns(this or relation, adapter.comment_columns(relation, model.columns)) %}
  {% endif %}
{% endmacro %}

{% macro oceanbase__warn_absent_columns(relation, names) %}
  {% if names %}
    {% do exceptions.warn(
      'In relation ' ~ relation.render() ~ ': The following columns are specified in the schema but are not present in the database: '
      ~ names | join(', ')
    ) %}
  {% endif %}
{% endmacro %}

{% macro oceanbase__alter_relation_comment(relation, relation_comment) -%}
  alter table {{ relation.render() }} {{ oceanbase__comment_clause(relation_comment) }}
{%- endmacro %}

{% macro oceanbase__comment_clause(comment) -%}
  comment = {{ adapter.comment_literal(comment) }}
{%- endmacro %}
