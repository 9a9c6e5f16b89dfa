{% materialization view, adapter='oceanbase' %}
  {% do oceanbase__refuse_unsupported_configs() %}
  {#- dbt-core 1.12 leaves sql empty for the pointer at the latest version of a microbatch model. -#}
  {% set select = sql if sql is not none else model.compiled_code %}
  {% do adapter.check_view_self_reference(this, select) %}
  {{ return(oceanbase__build_from_select(this.incorporate(type='view'), select)) }}
{% endmaterialization %}
