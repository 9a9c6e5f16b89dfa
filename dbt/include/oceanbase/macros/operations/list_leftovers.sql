{#-
  List the relations that interrupted runs of the project have left behind, one line each. Nothing is changed.

  Run it by "dbt run-operation oceanbase__list_leftovers". The relations of a run that is active now are listed, too.

  Returns: list[dict] with relation (Relation), node (str, its name) and is_needed (bool, a backup with the only rows)
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
