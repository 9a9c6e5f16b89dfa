{#-
  Stop the embedded engine of the profile with the last process that uses it, although its profile has
  "engine: {linger: ...}", and log one line that says so.

  Run it by "dbt run-operation stop_engine" before the engine's folder is copied or removed.

  Raises DbtRuntimeError if the profile has no "path".
-#}
{% macro stop_engine() %}
  {% if execute %}
    {% set lingered = adapter.stop_engine() %}
    {% do log('the engine stops with the last process that uses it' if lingered else 'the engine does not linger', info=true) %}
  {% endif %}
{% endmacro %}
