{#-
  Build a materialized view.

  A new view is created by one statement. An existing view whose query and configs are unchanged is refreshed by one
  statement. If its query or configs have changed, the config on_configuration_change decides what happens. With
  `apply`, the view is altered if the server can alter it. Otherwise it is built again under another name and then
  replaced.
-#}
{% materialization materialized_view, adapter='oceanbase' %}
  {% do adapter.check_materialized_view(this, config) %}
  {% do oceanbase__refuse_unsupported_configs() %}
  {% set target = this.incorporate(type='materialized_view') %}
  {% set existing = oceanbase__recover_interrupted_run(target, load_cached_relation(this)) %}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}
  {#- CREATE MATERIALIZED VIEW and a refresh would commit an open transaction, so it is ended here -#}
  {% do adapter.commit() %}

  {% do oceanbase__build_materialized_view(target, existing, sql) %}
  {% do apply_grants(target, config.get('grants'), should_revoke=existing is not none) %}

  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% do adapter.commit() %}
  {{ run_hooks(post_hooks, inside_transaction=False) }}

  {{ return({'relations': [target]}) }}
{% endmaterialization %}

{#-
  Create, refresh, alter or replace a materialized view.

  Args:
    target (Relation): the view, with the type materialized_view
    existing (Relation or none): the relation that dbt's cache has under the view's name
    sql (str): the query of the view
  Raises: an error if an enforced contract has other columns than the query, before anything is changed
-#}
{% macro oceanbase__build_materialized_view(target, existing, sql) %}
  {% if config.get('contract').enforced %}
    {% do get_assert_columns_equivalent(sql) %}
  {% endif %}
  {% if existing is none %}
    {% if oceanbase__create_materialized_view('main', target, sql) %}
      {{ return('') }}
    {% endif %}
    {% set existing = adapter.actual_relation(target) %}
  {% endif %}
  {% if existing.is_materialized_view and not should_full_refresh() %}
    {% if oceanbase__update_materialized_view(target, sql) %}
      {{ return('') }}
    {% endif %}
  {% endif %}
  {% do oceanbase__replace_by_materialized_view(target, existing, sql) %}
{% endmacro %}

{#-
  Refresh an existing materialized view. If its configs have changed, alter it before that. With
  `on_configuration_change: continue`, a changed view is neither altered nor refreshed.

  Args:
    target (Relation): a materialized view
    sql (str): the query of the view
  Returns: bool, false if the view has to be built again
  Raises: an error if the configs have changed and on_configuration_change is `fail`
-#}
{% macro oceanbase__update_materialized_view(target, sql) %}
  {% set selected = get_column_schema_from_query(sql, config.get('sql_header', none)) if adapter.selects_star(sql) else none %}
  {% set changes = adapter.materialized_view_changes(target, config, sql, oceanbase__view_description(), selected) %}
  {% if not changes.is_none %}
    {% set mode = config.get('on_configuration_change') %}
    {% if mode == 'continue' %}
      {% do exceptions.warn("Configuration changes were identified and `on_configuration_change` was set to `continue` for `" ~ target.render() ~ "`: " ~ changes.text) %}
      {% do store_raw_result(name='main', message='skip ' ~ target.render(), code='skip', rows_affected='-1') %}
      {{ return(true) }}
    {% elif mode == 'fail' %}
      {% do exceptions.raise_fail_fast_error("Configuration changes were identified and `on_configuration_change` was set to `fail` for `" ~ target.render() ~ "`: " ~ changes.text) %}
    {% elif changes.rebuilt_for %}
      {% do log('materialized view ' ~ target.render() ~ ' is built again for: ' ~ changes.text, info=true) %}
      {{ return(false) }}
    {% endif %}
    {% do log('Applying ALTER to: ' ~ target.render()) %}
    {% for change in changes.statements %}
      {% call statement('alter', auto_begin=False) -%}{{ change }}{%- endcall %}
    {% endfor %}
  {% endif %}
  {% if changes.comment is not none %}
    {% do adapter.comment_materialized_view(target, changes.comment) %}
  {% endif %}
  {% do log('Applying REFRESH to: ' ~ target.render()) %}
  {% set response = adapter.refresh(target, config, sql) %}
  {% if response is none %}
    {{ return(false) }}
  {% endif %}
  {% do store_result('main', response=response) %}
  {% do persist_docs(target, model) %}
  {{ return(true) }}
{% endmacro %}
