{#- A config that would change what is built, and that is not supported here, is refused by name, never ignored. -#}
{% macro oceanbase__refuse_unsupported() %}
  {% if config.get('indexes') %}
    {% do exceptions.raise_compiler_error(
      'indexes: not yet supported by dbt-oceanbase: create them in a post-hook, such as '
      ~ '"create index i on {{ this }} (a)", and remove the config'
    ) %}
  {% endif %}
  {% if config.get('copy_grants') is false %}
    {% do exceptions.raise_compiler_error(
      'copy_grants: false: grants belong to the name on OceanBase and outlive what had it: list what shall remain under '
      ~ "grants, such as {'select': []}, and remove the config"
    ) %}
  {% endif %}
  {% for name in ('merge_update_columns', 'merge_exclude_columns') if config.get(name) %}
    {% do exceptions.raise_compiler_error(
      name ~ ': belongs to the strategy merge, which dbt-oceanbase does not support yet: whole rows are replaced; remove it'
    ) %}
  {% endfor %}
  {% set predicates = config.get('predicates', none) or config.get('incremental_predicates', none) %}
  {% if predicates and (config.get('incremental_strategy') == 'append' or not config.get('unique_key')) %}
    {% do exceptions.raise_compiler_error(
      'incremental_predicates: they narrow what delete+insert deletes, and nothing is deleted without a unique_key: '
      ~ 'give one, or remove them'
    ) %}
  {% endif %}
{% endmacro %}
