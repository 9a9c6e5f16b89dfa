{#-
  Register AI models and their endpoints on the server, for its functions AI_EMBED, AI_COMPLETE and AI_RERANK. What the
  server has already is not changed. One line is logged for each model and endpoint. No line has a key.

  Run it by "dbt run-operation oceanbase__register_ai_models", with the models in the variable oceanbase_ai_models, or
  with "--args '{models: [...]}'".

  Args:
    models (list[dict] or none): each with name, type, model_name (str) and endpoint (dict of url, provider and
      access_key_env, which is the name of an environment variable with the key; also name and request_model_name)
  Returns: list[str], the lines
  Raises: a compilation error if a model is wrong, if an environment variable is not set, or if the server refuses a
    model or has no AI models
-#}
{% macro oceanbase__register_ai_models(models=none) %}
  {% set lines = adapter.register_ai_models(var('oceanbase_ai_models', []) if models is none else models) if execute else [] %}
  {% for line in lines %}
    {% do log(line, info=true) %}
  {% endfor %}
  {{ return(lines) }}
{% endmacro %}
