{#-
  Return the relation for a staging table: it has the schema of another relation, and the name of that relation with a
  suffix. A name that would have more than 64 characters is shortened and gets a hash. The name is the same in each run,
  so a run finds the tables that an interrupted run has left.

  Args:
    base_relation (Relation): the relation of a node
    suffix (str): the end of the name
  Returns: Relation
-#}
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
