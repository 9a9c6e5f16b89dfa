{#-
  Drop the relations that oceanbase__list_leftovers lists: staging and backup relations that interrupted runs of the
  project have left behind. The name of each one is logged. A backup is not dropped if it has the only copy of the rows
  of its model, seed or snapshot. The next run of this node gives the backup its name back.

  Run it by "dbt run-operation oceanbase__drop_leftovers". Do this only while no other run is active, because the
  relations that the other run needs would be dropped too.
-#}
{% macro oceanbase__drop_leftovers() %}
  {% for leftover in oceanbase__list_leftovers() if not leftover.is_needed %}
    {% do adapter.drop_relation(leftover.relation) %}
    {% do log('dropped ' ~ leftover.relation.render(), info=true) %}
  {% endfor %}
{% endmacro %}
