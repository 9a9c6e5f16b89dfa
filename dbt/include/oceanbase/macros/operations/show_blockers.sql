{#-
  Log one line for each DDL statement that runs now. If the server shows sessions and their locks, also log one line for
  each session whose locks may make the DDL wait.

  Run it by "dbt run-operation oceanbase__show_blockers" while a run seems to stand still.

  Returns: list[str], the logged lines about statements and sessions; empty if no DDL runs and nothing is locked
-#}
{% macro oceanbase__show_blockers() %}
  {% set found = adapter.blockers() if execute else [] %}
  {% for line in found %}
    {% do log(line, info=true) %}
  {% endfor %}
  {% do log('nothing waits, and nothing is locked', info=true) if execute and not found %}
  {{ return(found) }}
{% endmacro %}
