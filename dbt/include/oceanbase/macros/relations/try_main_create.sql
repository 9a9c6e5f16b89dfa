{#- Run a CREATE as the node's main statement. Returns: bool, false if a relation that is not cached has the name. -#}
{% macro oceanbase__try_main_create(target, create_sql) %}
  {% do write(create_sql) %}
  {% set response = adapter.try_create(create_sql, target) %}
  {% if response is none %}
    {{ return(false) }}
  {% endif %}
  {% do store_result('main', response=response) %}
  {{ return(true) }}
{% endmacro %}
