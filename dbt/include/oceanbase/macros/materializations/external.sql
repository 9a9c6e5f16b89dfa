{#-
  A model whose rows are files in a folder of the server. Each run writes new files, and an external table of the model's
  name reads them, so that ref() works. The files of earlier runs remain.
-#}
{% materialization external, adapter='oceanbase' %}
  {% do oceanbase__refuse_unsupported_configs() %}
  {% set files = adapter.external_files(this, config) %}
  {% set target = this.incorporate(type='external') %}
  {% set existing = oceanbase__recover_interrupted_run(target, load_cached_relation(this)) %}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}
  {#- CREATE EXTERNAL TABLE commits what is open -#}
  {% do adapter.commit() %}

  {% do oceanbase__build_external(target, existing, files, sql) %}
  {% do apply_grants(target, config.get('grants'), should_revoke=existing is not none) %}

  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% do adapter.commit() %}
  {{ run_hooks(post_hooks, inside_transaction=False) }}

  {{ return({'relations': [target]}) }}
{% endmaterialization %}
