{#-
  The sources of the project that have the key external.

  Args:
    select (str or list[str] or none): names of sources, as source or source.table, with blanks between them; none for
      all. A name that is that of no such source is an error.
  Returns: list of the sources' nodes in dbt's graph
-#}
{% macro oceanbase__external_sources(select=none) %}
  {% set all = graph.sources.values() | selectattr('external') | list %}
  {% if not select %}
    {{ return(all) }}
  {% endif %}
  {% set names = select.split() if select is string else select %}
  {% set found = [] %}
  {% for name in names %}
    {% set matching = [] %}
    {% for node in all if name in (node.source_name, node.source_name ~ '.' ~ node.name) %}
      {% do matching.append(node) %}
      {% do found.append(node) if node not in found %}
    {% endfor %}
    {% if not matching %}
      {% do exceptions.raise_compiler_error(
        "select: '" ~ name ~ "' is no source with the key external: write source or source.table, of: "
        ~ (all | map(attribute='source_name') | unique | join(', ') or 'none')
      ) %}
    {% endif %}
  {% endfor %}
  {{ return(found) }}
{% endmacro %}
