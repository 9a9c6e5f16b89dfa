{#-
  Create a staging relation from a SELECT, by oceanbase__create_from_select. A staging relation has another name than
  the relation of the node. It is renamed or dropped before the node ends.

  Args: the arguments of oceanbase__create_from_select
  Raises: a compiler error if a relation of this name exists. The caller has dropped any such relation before, so
    another run has created it since then.
-#}
{% macro oceanbase__stage_from_select(name, staging, sql, temporary=false) %}
  {% if not oceanbase__create_from_select(name, staging, sql, temporary) %}
    {% do adapter.unregister_staged(staging) %}
    {% do exceptions.raise_compiler_error(
      staging.render() ~ ' exists already, because another run builds it now: let one run end before the next begins'
    ) %}
  {% endif %}
{% endmacro %}
