{% materialization table, adapter='oceanbase' %}
  {% do oceanbase__refuse_unsupported_configs() %}
  {{ return(oceanbase__build_from_select(this.incorporate(type='table'), sql)) }}
{% endmaterialization %}
