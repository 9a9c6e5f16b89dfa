{#-
  Return the sources of the project that have the key external, all of them or a selection.

  Args:
    select (str or list[str] or none): names of sources, each of the form source or source.table. A str may have several
      names, with blanks between them. With none, all sources with the key external are returned.
  Returns: list of the nodes of these sources in dbt's graph
  Raises: a compiler error if a name is not the name of such a source
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
