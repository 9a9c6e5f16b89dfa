{% materialization view, adapter='oceanbase' %}
  {% do oceanbase__refuse_unsupported_configs() %}
  {#-
    dbt-core 1.12 also builds a view that selects the latest version of a model. If this model is a microbatch model,
    dbt leaves the variable sql of the view empty.
  -#}
  {% set select = sql if sql is not none else model.compiled_code %}
  {% do adapter.check_view_self_reference(this, select) %}
  {{ return(oceanbase__build_from_select(this.incorporate(type='view'), select)) }}
{% endmaterialization %}
