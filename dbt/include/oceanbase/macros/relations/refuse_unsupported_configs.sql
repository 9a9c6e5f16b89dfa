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
  {% do oceanbase__refuse_unsupported_values() %}
{% endmacro %}
