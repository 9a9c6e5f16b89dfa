{#-
  Check the configs of which OceanBase supports only one value: catalog_name, table_format and copy_grants.

  Raises: a compiler error that names the config if it has another value
-#}
{% macro oceanbase__refuse_unsupported_values() %}
  {% for name in ('catalog_name', 'table_format') if config.get(name) not in (none, 'default') %}
    {% do exceptions.raise_compiler_error(
      name ~ ': ' ~ config.get(name) ~ ': OceanBase keeps its tables itself, in no external catalog and in its own format: remove the config'
    ) %}
  {% endfor %}
  {% if config.get('copy_grants') is false %}
    {#- the config grants is refused for functions -#}
    {% set remedy = 'revoke them in a post-hook' if model.resource_type == 'function' else "list what shall remain under grants, such as {'select': []}" %}
    {% do exceptions.raise_compiler_error(
      'copy_grants: false: grants belong to the name on OceanBase and outlive what had it: ' ~ remedy ~ ', and remove the config'
    ) %}
  {% endif %}
{% endmacro %}
