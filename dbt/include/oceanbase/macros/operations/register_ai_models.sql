{#-
  Register AI models and their endpoints on the server, for its functions AI_EMBED, AI_COMPLETE and AI_RERANK. A model
  or endpoint that the server already has is changed if its parameters differ, and otherwise left as it is. One line is
  logged for each model and endpoint. No line contains an API key.

  Run it by "dbt run-operation oceanbase__register_ai_models", with the models in the variable oceanbase_ai_models, or
  with "--args '{models: [...]}'".

  Args:
    models (list[dict] or none): one dict for each model, with name, type and model_name (each str) and endpoint (dict
      with url, provider and access_key_env, which is the name of the environment variable with the API key; name and
      request_model_name are optional). With none, the variable oceanbase_ai_models is used.
  Returns: list[str], the logged lines
  Raises: an error if an entry of the list is wrong, if an environment variable is not set, or if the server refuses a
    model or has no AI models
-#}
{% macro oceanbase__register_ai_models(models=none) %}
  {% set lines = adapter.register_ai_models(var('oceanbase_ai_models', []) if models is none else models) if execute else [] %}
  {% for line in lines %}
    {% do log(line, info=true) %}
  {% endfor %}
  {{ return(lines) }}
{% endmacro %}
