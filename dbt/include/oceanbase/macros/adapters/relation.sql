{#- The name of a staging or backup relation depends only on the relation, and has at most 64 characters. -#}
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
