{#-
  Create a staging relation from a SELECT, as create_from_select.sql does. Raise an error if another run has created one
  of that name since this run has dropped what was left of it.

  Args: those of oceanbase__create_from_select
-#}
{% macro oceanbase__stage_from_select(name, staging, sql, temporary=false) %}
  {% if not oceanbase__create_from_select(name, staging, sql, temporary) %}
    {% do adapter.unregister_staged(staging) %}
    {% do exceptions.raise_compiler_error(
      staging.render() ~ ' exists already: another run builds it at the same time; let one run end before the next begins'
    ) %}
  {% endif %}
{% endmacro %}
