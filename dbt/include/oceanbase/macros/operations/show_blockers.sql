{#-
  List the DDL that runs now and, if the server shows them, the sessions whose locks it may wait for, one line each.

  Run it by "dbt run-operation oceanbase__show_blockers" while a run seems to stand still.

  Returns: list[str], the lines
-#}
{% macro oceanbase__show_blockers() %}
  {% set found = adapter.blockers() if execute else [] %}
  {% for line in found %}
    {% do log(line, info=true) %}
  {% endfor %}
  {% do log('nothing waits, and nothing is locked', info=true) if execute and not found %}
  {{ return(found) }}
{% endmacro %}
