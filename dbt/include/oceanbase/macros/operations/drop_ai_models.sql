{#-
  Drop AI models from the server, with the endpoints that serve them. One line is logged for each model and endpoint.
  Models that are not listed, and their endpoints, are not dropped.

  Run it by "dbt run-operation oceanbase__drop_ai_models", with the models in the variable oceanbase_ai_models, or with
  "--args '{models: [...]}'".

  Args:
    models (list[dict] or none): see oceanbase__register_ai_models; no environment variable is read. With none, the
      variable oceanbase_ai_models is used.
  Returns: list[str], the logged lines
  Raises: an error if an entry of the list is wrong, or if the server has no AI models
-#}
{% macro oceanbase__drop_ai_models(models=none) %}
  {% set lines = adapter.drop_ai_models(var('oceanbase_ai_models', []) if models is none else models) if execute else [] %}
  {% for line in lines %}
    {% do log(line, info=true) %}
  {% endfor %}
  {{ return(lines) }}
{% endmacro %}
