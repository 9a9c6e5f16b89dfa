{% materialization view, adapter='oceanbase' %}
  {% do oceanbase__refuse_unsupported() %}
  {#- dbt-core 1.12 leaves sql empty for the pointer at the latest version of a microbatch model. -#}
  {% set select = sql if sql is not none else model.compiled_code %}
  {% do adapter.check_view_of_another(this, select) %}
  {% set target_relation = this.incorporate(type='view') %}
  {% set existing_relation = oceanbase__heal(target_relation, load_cached_relation(this)) %}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {% do oceanbase__build(target_relation, existing_relation, select) %}
  {% do apply_grants(target_relation, config.get('grants'), should_revoke=existing_relation is not none) %}

  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% do adapter.commit() %}
  {{ run_hooks(post_hooks, inside_transaction=False) }}

  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
