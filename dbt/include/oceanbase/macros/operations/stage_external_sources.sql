{#-
  Create the external tables of the project's sources that have the key external. If an external table exists, its list
  of files is refreshed. If its definition has changed, it is created again. The statements are logged.

  Run it by "dbt run-operation stage_external_sources", with --args '{select: source.table}' for some of the sources,
  and with --vars 'ext_full_refresh: true' to create all tables again. It needs no package. If the package
  dbt_external_tables is installed, dbt runs the package's macro of the same name instead.

  Args:
    select (str or none): names of sources, see oceanbase__external_sources; none for all sources with the key external
  Raises: an error if a name is not the name of such a source, if a source's definition is wrong, or if the server has
    no external tables
-#}
{% macro stage_external_sources(select=none) %}
  {% if execute %}
    {% set nodes = oceanbase__external_sources(select) %}
    {% if not nodes %}
      {% do log('No external sources selected', info=true) %}
    {% endif %}
    {% for node in nodes %}
      {% set label = loop.index ~ ' of ' ~ loop.length %}
      {% do log(label ~ ' START external source ' ~ node.schema ~ '.' ~ node.identifier, info=true) %}
      {% for sql in adapter.stage_external(node, var('ext_full_refresh', false)) %}
        {% do log(label ~ ' (' ~ loop.index ~ ') ' ~ adapter.shown(sql), info=true) %}
        {% do adapter.external_step(sql, node.source_name ~ '.' ~ node.name) %}
      {% endfor %}
      {% do adapter.warn_if_without_rows(node) %}
    {% endfor %}
  {% endif %}
{% endmacro %}
