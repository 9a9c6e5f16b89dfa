{#-
  Create a staging relation from a SELECT by oceanbase__create_from_select. Before that, this run has dropped any
  relation of the same name. If there is one again, another run has created it, and an error is raised.

  Args: those of oceanbase__create_from_select
-#}
{% macro oceanbase__stage_from_select(name, staging, sql, temporary=false) %}
  {% if not oceanbase__create_from_select(name, staging, sql, temporary) %}
    {% do adapter.unregister_staged(staging) %}
    {% do exceptions.raise_compiler_error(
      staging.render() ~ ' exists already, because another run builds it now: let one run end before the next begins'
    ) %}
  {% endif %}
{% endmacro %}
