{#-
  Build a table or view from a SELECT: run the hooks, create or replace the relation, and apply the grants. The
  materializations `table` and `view` call this macro.

  Args:
    target (Relation): the relation to build, with its type, table or view
    sql (str): the SELECT
  Returns: dict with the key relations, as dbt expects it from a materialization
-#}
{% macro oceanbase__build_from_select(target, sql) %}
  {% set existing = oceanbase__recover_interrupted_run(target, load_cached_relation(this)) %}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {% do oceanbase__build_relation(target, existing, sql) %}
  {% do apply_grants(target, config.get('grants'), should_revoke=existing is not none) %}

  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% do adapter.commit() %}
  {{ run_hooks(post_hooks, inside_transaction=False) }}

  {{ return({'relations': [target]}) }}
{% endmacro %}
