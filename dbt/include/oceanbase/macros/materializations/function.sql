{% macro oceanbase__scalar_function_sql(target_relation) %}
  {% do exceptions.raise_compiler_error(
    'functions are not yet supported by dbt-oceanbase: create ' ~ target_relation.render() ~ ' in an on-run-start hook'
  ) %}
{% endmacro %}
