{#-
  Drop the relations that interrupted runs of the project have left behind. A backup is kept if it has the only rows of
  its node: the next run of the node renames it back.

  Run it by "dbt run-operation oceanbase__drop_leftovers", and only while no other run is active: the relations that
  another run is just using would be dropped, too.
-#}
{% macro oceanbase__drop_leftovers() %}
  {% for leftover in oceanbase__list_leftovers() if not leftover.is_needed %}
    {% do adapter.drop_relation(leftover.relation) %}
    {% do log('dropped ' ~ leftover.relation.render(), info=true) %}
  {% endfor %}
{% endmacro %}
