{#-
  Build a model whose rows are stored in files in a folder of the server. Each run writes new files, and creates an
  external table that has the model's name and reads these files. So ref() works as for a table. The files of earlier
  runs remain.
-#}
{% materialization external, adapter='oceanbase' %}
  {% do oceanbase__refuse_unsupported_configs() %}
  {% set files = adapter.external_files(this, config) %}
  {% set target = this.incorporate(type='external') %}
  {% set existing = oceanbase__recover_interrupted_run(target, load_cached_relation(this)) %}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}
  {#- CREATE EXTERNAL TABLE would commit an open transaction, so it is ended here. -#}
  {% do adapter.commit() %}

  {% do oceanbase__build_external(target, existing, files, sql) %}
  {% do apply_grants(target, config.get('grants'), should_revoke=existing is not none) %}

  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% do adapter.commit() %}
  {{ run_hooks(post_hooks, inside_transaction=False) }}

  {{ return({'relations': [target]}) }}
{% endmaterialization %}
