{#-
  Finish an incremental model or a snapshot after its main statement: run the post-hooks, COMMIT, and apply the grants.

  If the run has added rows to an existing table, its staging table is dropped after the COMMIT. Then partitions past
  their retention are dropped, statistics are gathered, and comments are written. If the run has left the rows of an
  existing table as they were, its old partitions are dropped and comments are written.

  Args:
    target (Relation): the table of the model or snapshot
    existing (Relation or none): the relation that had the target's name before this run
    staging (Relation or none): the staging table, from which rows were added to the target; none if this run has
      created the target, or if is_unchanged
    is_unchanged (bool): whether the target existed and the run has changed none of its rows
  Returns: dict with the key relations, as dbt expects it from a materialization
  Raises: an error if another run has replaced the staging table
-#}
{% macro oceanbase__commit_staged_rows(target, existing, staging, is_unchanged=false) %}
  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% if staging %}
    {% do oceanbase__check_staging_is_current(staging, target) %}
  {% endif %}
  {% do adapter.commit() %}
  {% if staging %}
    {% do adapter.drop_relation(staging) %}
  {% endif %}
  {% if staging or is_unchanged %}
    {% do oceanbase__drop_expired_partitions(target) %}
    {% if staging %}
      {% do oceanbase__analyze(target) %}
    {% endif %}
    {% do persist_docs(target, model) %}
  {% endif %}
  {% do apply_grants(target, config.get('grants'), should_revoke=existing is not none) %}
  {{ run_hooks(post_hooks, inside_transaction=False) }}

  {{ return({'relations': [target]}) }}
{% endmacro %}
