{#-
  Drop AI models from the server, with the endpoints that serve them. One line is logged for each model and endpoint.
  Other models, and other endpoints, are left.

  Run it by "dbt run-operation oceanbase__drop_ai_models", with the models in the variable oceanbase_ai_models, or with
  "--args '{models: [...]}'".

  Args:
    models (list[dict] or none): as for oceanbase__register_ai_models. No environment variable is read.
  Returns: list[str], the lines
  Raises: a compilation error if a model is wrong, or if the server has no AI models
-#}
{% macro oceanbase__drop_ai_models(models=none) %}
  {% set lines = adapter.drop_ai_models(var('oceanbase_ai_models', []) if models is none else models) if execute else [] %}
  {% for line in lines %}
    {% do log(line, info=true) %}
  {% endfor %}
  {{ return(lines) }}
{% endmacro %}
