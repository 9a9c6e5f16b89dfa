{#- Names of staging and backup relations depend on the relation alone, and have 64 characters at most. -#}
{% macro oceanbase__make_temp_relation(base_relation, suffix='__dbt_tmp') %}
  {{ return(base_relation.suffixed(suffix)) }}
{% endmacro %}

{% macro oceanbase__make_intermediate_relation(base_relation, suffix='__dbt_tmp') %}
  {{ return(base_relation.suffixed(suffix)) }}
{% endmacro %}

{% macro oceanbase__make_backup_relation(base_relation, backup_relation_type, suffix='__dbt_backup') %}
  {{ return(base_relation.suffixed(suffix).incorporate(type=backup_relation_type)) }}
{% endmacro %}

{% macro oceanbase__truncate_relation(relation) %}
  {% call statement('truncate_relation', auto_begin=False) -%}
    truncate table {{ relation.render() }}
  {%- endcall %}
{% endmacro %}
