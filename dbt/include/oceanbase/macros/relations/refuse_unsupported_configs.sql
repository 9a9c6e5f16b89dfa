{#-
  Check the configs of a node, and raise an error that names the config if it has a wrong value, or if it is not
  supported and would change what is built. Also raise an error if the names of two nodes differ only in case and the
  server ignores case in names.
-#}
{% macro oceanbase__refuse_unsupported_configs() %}
  {% do adapter.check_case_twins(graph.nodes.values()) %}
  {% do adapter.check_design(config) %}
  {% do adapter.check_partition_keys(config, model) %}
  {% do adapter.check_refresh_configs(config) %}
  {% do adapter.check_grants(config) %}
  {% for name in ('catalog_name', 'table_format') if config.get(name) not in (none, 'default') %}
    {% do exceptions.raise_compiler_error(
      name ~ ': ' ~ config.get(name) ~ ': OceanBase keeps its tables itself, in no external catalog and in its own format: remove the config'
    ) %}
  {% endfor %}
  {% if config.get('copy_grants') is false %}
    {% do exceptions.raise_compiler_error(
      'copy_grants: false: grants belong to the name on OceanBase and outlive what had it: list what shall remain under '
      ~ "grants, such as {'select': []}, and remove the config"
    ) %}
  {% endif %}
{% endmacro %}
