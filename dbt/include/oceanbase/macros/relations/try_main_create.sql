{#-
  Run a CREATE statement as the main statement of the node, whose result dbt reports.

  Args:
    target (Relation): the relation to create
    create_sql (str): the CREATE statement
  Returns: bool, false if the server already has a relation of this name that is not in dbt's cache
-#}
{% macro oceanbase__try_main_create(target, create_sql) %}
  {% do write(create_sql) %}
  {% set response = adapter.try_create(create_sql, target) %}
  {% if response is none %}
    {{ return(false) }}
  {% endif %}
  {% do store_result('main', response=response) %}
  {{ return(true) }}
{% endmacro %}
