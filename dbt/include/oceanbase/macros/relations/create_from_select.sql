{#-
  Create a relation from a SELECT. If the server refuses a table because its texts are too long for VARCHAR or together
  for a row, it is created with TEXT columns instead. A contract's types are never changed.

  Args:
    name (str): the name under which dbt keeps the statement's result
    relation (Relation): with its type, table or view
    sql (str): the SELECT
    temporary (bool): the table is only needed while the node runs
  Returns: bool, false if a relation that is not cached has the name
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
