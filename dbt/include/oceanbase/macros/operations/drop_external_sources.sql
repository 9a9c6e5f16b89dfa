{#-
  Drop the external tables of the project's sources. The files that these tables read remain. Each DROP statement is
  logged.

  Run it by "dbt run-operation oceanbase__drop_external_sources", or with "--args '{select: source.table}'" for some of
  the sources.

  Args:
    select (str or none): names of sources, see oceanbase__external_sources; none for all sources with the key external
  Raises: an error if a name is not the name of such a source, or if a relation of another type has the table's name
-#}
{% macro oceanbase__drop_external_sources(select=none) %}
  {% if execute %}
    {% for node in oceanbase__external_sources(select) %}
      {% set sql = adapter.drop_external(node) %}
      {% if sql is not none %}
        {% do log(adapter.shown(sql), info=true) %}
        {% do run_query(sql) %}
      {% endif %}
    {% endfor %}
  {% endif %}
{% endmacro %}
