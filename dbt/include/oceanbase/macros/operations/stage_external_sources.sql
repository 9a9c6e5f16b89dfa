{#-
  Create the external tables of the sources that have the key external, and refresh the lists of files of those that
  exist. One whose definition has changed is created again. It works without the package dbt_external_tables; where that
  is installed, dbt runs the package's macro of the same name.

  Run it by "dbt run-operation stage_external_sources", with --args '{select: source.table}' for some sources, and with
  --vars 'ext_full_refresh: true' to create all again.

  Args:
    select (str or none): see oceanbase__external_sources
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
