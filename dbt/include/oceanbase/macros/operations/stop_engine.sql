{#-
  Make the embedded engine of the profile stop as soon as the last process that uses it ends. This also holds if the
  profile has "engine: {linger: ...}", with which the engine would keep running. One line is logged, which says whether
  the engine stops.

  Run it by "dbt run-operation stop_engine" before the engine's folder is copied or removed.

  Raises: DbtRuntimeError if the profile has no "path", or if the engine's folder cannot be written
-#}
{% macro stop_engine() %}
  {% if execute %}
    {% set lingered = adapter.stop_engine() %}
    {% do log('the engine stops with the last process that uses it' if lingered else 'the engine does not linger', info=true) %}
  {% endif %}
{% endmacro %}
