{#- The comment of a staging table, which names the run that created it. Returns: str -#}
{% macro oceanbase__staging_comment() %}
  {{ return('dbt run ' ~ invocation_id) }}
{% endmacro %}
