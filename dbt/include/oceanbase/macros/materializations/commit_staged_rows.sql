{#-
  End an incremental model or a snapshot after its main statement: hooks, COMMIT, DROP of the staging table and of
  partitions past their retention, statistics, comments and grants.

  Args:
    target (Relation)
    existing (Relation or none): what had the target's name before this run
    staging (Relation or none): the staging table of a run that added rows to an existing table
  Returns: dict of the node's relations, as a materialization returns it
-#}
{% macro oceanbase__commit_staged_rows(target, existing, staging) %}
  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% if staging %}
    {% do oceanbase__check_staging_is_current(staging, target) %}
  {% endif %}
  {% do adapter.commit() %}
  {% if staging %}
    {% do adapter.drop_relation(staging) %}
    {% do oceanbase__drop_expired_partitions(target) %}
    {% do oceanbase__analyze(target) %}
    {% do persist_docs(target, model) %}
  {% endif %}
  {% do apply_grants(target, config.get('grants'), should_revoke=existing is not none) %}
  {{ run_hooks(post_hooks, inside_transaction=False) }}

  {{ return({'relations': [target]}) }}
{% endmacro %}
