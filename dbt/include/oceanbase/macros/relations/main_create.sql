{#- Run a CREATE as the node's main statement. Returns: bool, false where the name is taken. -#}
{% macro oceanbase__main_create(target, create_sql) %}
  {% do write(create_sql) %}
  {% set response = adapter.create_unless_taken(create_sql, target) %}
  {% if response is none %}
    {{ return(false) }}
  {% endif %}
  {% do store_result('main', response=response) %}
  {{ return(true) }}
{% endmacro %}
