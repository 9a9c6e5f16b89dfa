{#- What a staged table says of itself: which run has made it. Returns: str -#}
{% macro oceanbase__staging_comment() %}
  {{ return('dbt run ' ~ invocation_id) }}
{% endmacro %}
