{#-
  Create a relation from a SELECT. If the server refuses a table because a text is too long for VARCHAR, or all texts
  are together too long for a row, the table is created with TEXT columns. The types of a contract are never changed.

  Args:
    name (str): the name under which dbt keeps the statement's result
    relation (Relation): the relation to create, with its type (table or view)
    sql (str): the SELECT
    temporary (bool): the table is only needed while the node runs
  Returns: bool, false if the server already has a relation of this name that is not in dbt's cache
-#}
{% macro oceanbase__create_from_select(name, relation, sql, temporary=false) %}
  {% set may_be_too_wide = not relation.is_view and not config.get('contract').enforced %}
  {% set create_sql = create_table_as(true, relation, sql) if temporary else get_create_sql(relation, sql) %}
  {% do write(create_sql) %}
  {% set response = adapter.try_create(create_sql, relation, may_be_too_wide) %}
  {% if response == 'too wide' %}
    {% set create_sql = oceanbase__create_table_as(temporary, relation, sql, wide_texts=true) %}
    {% do write(create_sql) %}
    {% set response = adapter.try_create(create_sql, relation) %}
  {% endif %}
  {% if response is none %}
    {{ return(false) }}
  {% endif %}
  {% do store_result(name, response=response) %}
  {{ return(true) }}
{% endmacro %}
