{#-
  Check that a relation that will be dropped as the leftover of a killed run does not belong to a node of the project.

  Args:
    leftover (Relation): a relation whose name is the name of a staging or backup table
  Raises: a compiler error if a model, seed, snapshot or source of the project has this name
-#}
{% macro oceanbase__check_name_is_unused(leftover) %}
  {% for node in (graph.nodes.values() | list) + (graph.sources.values() | list) %}
    {% set name = node.alias or node.identifier or node.name %}
    {% if node.schema | lower == leftover.schema | lower and name | lower == leftover.identifier | lower and node.config.materialized != 'ephemeral' and node.resource_type in ('model', 'seed', 'snapshot', 'source') %}
      {% do exceptions.raise_compiler_error(
        leftover.render() ~ ' is ' ~ node.unique_id ~ ', and its name is what building ' ~ this.render()
        ~ ' needs aside: give one of them another alias'
      ) %}
    {% endif %}
  {% endfor %}
{% endmacro %}
