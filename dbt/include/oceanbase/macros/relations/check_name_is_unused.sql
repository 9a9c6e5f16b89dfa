{#-
  Raise an error if a relation that is about to be dropped as a leftover belongs to another node of the project.

  Args:
    leftover (Relation): has the name of a staging or backup table
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
