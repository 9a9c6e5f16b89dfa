{#-
  Log one line for each staging or backup relation that an interrupted run of the project has left behind. A staging
  relation is a new relation that did not get its final name. A backup is an old relation that was renamed, to be
  dropped later. Nothing is changed.

  Run it by "dbt run-operation oceanbase__list_leftovers". The relations of a run that is active now are listed too.

  Returns: list[dict] with relation (Relation), node (str, the name of the node for which the relation was created) and
    is_needed (bool, true for a backup that has the only copy of the node's rows)
-#}
{% macro oceanbase__list_leftovers() %}
  {% set found = adapter.leftovers(graph.nodes.values() | list + graph.get('functions', {}).values() | list + graph.get('sources', {}).values() | list) if execute else [] %}
  {% for leftover in found %}
    {% do log(
      leftover.relation.render() ~ ' (' ~ leftover.relation.type ~ '), left by ' ~ leftover.node
      ~ (': its only rows, which the next run of it renames back' if leftover.is_needed else ''), info=true
    ) %}
  {% endfor %}
  {% do log(found | length ~ ' leftovers', info=true) %}
  {{ return(found) }}
{% endmacro %}
