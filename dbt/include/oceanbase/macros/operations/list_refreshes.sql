{#-
  Log one line for each materialized view in the project's schemas: the refresh method, the number of rows, the last
  refresh, the age of the data, the next scheduled refresh and the last error. Nothing is changed.

  Run it by "dbt run-operation oceanbase__list_refreshes", or with "--args '{schema: shop}'" for one schema.

  Args:
    schema (str or none): the name of a schema; none for all schemas of the project's models, seeds and snapshots
  Returns: list[dict], see adapter.refresh_states
  Raises: an error if the server has no materialized views, or if the user may not read the catalogs about them
-#}
{% macro oceanbase__list_refreshes(schema=none) %}
  {% set found = [] %}
  {% if execute %}
    {% set built = graph.nodes.values() | selectattr('resource_type', 'in', ['model', 'seed', 'snapshot']) %}
    {% set schemas = built | map(attribute='schema') | list if schema is none else [schema] %}
    {% do found.extend(adapter.refresh_states(schemas)) %}
    {% for state in found %}
      {% do log(state.line, info=true) %}
    {% endfor %}
    {% do log(found | length ~ ' materialized views', info=true) %}
  {% endif %}
  {{ return(found) }}
{% endmacro %}
