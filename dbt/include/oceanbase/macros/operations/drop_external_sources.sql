{#-
  Drop the external tables of sources. Their files remain.

  Run it by "dbt run-operation oceanbase__drop_external_sources", with --args '{select: source.table}' for some sources.

  Args:
    select (str or none): see oceanbase__external_sources
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
