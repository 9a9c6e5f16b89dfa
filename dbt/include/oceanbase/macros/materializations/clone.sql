{#-
  Clone a table from the schema of another environment, as `dbt clone` asks for it. FORK TABLE makes the clone, which
  shares its storage with the original until one of the two is written to.

  If the original is not a table, or if the server cannot fork it, the clone becomes a view of the original, and a line
  in the log says so with the reason. If a relation already has the clone's name, it is kept. With --full-refresh it is
  replaced.

  Raises: a compiler error if the original does not exist
-#}
{% materialization clone, adapter='oceanbase' %}
  {% if not defer_relation %}
    {% do log('No relation found in state manifest for ' ~ model.unique_id, info=true) %}
    {{ return({'relations': []}) }}
  {% endif %}
  {% do adapter.check_grants(config) %}
  {% set existing_relation = oceanbase__recover_interrupted_run(this, load_cached_relation(this)) %}
  {% if existing_relation and not flags.FULL_REFRESH %}
    {% do log('Relation ' ~ existing_relation ~ ' already exists', info=true) %}
    {#- An interrupted run may have made the clone without its grants. -#}
    {% do apply_grants(existing_relation, config.get('grants')) %}
    {{ return({'relations': []}) }}
  {% endif %}
  {% set original = load_cached_relation(defer_relation) %}
  {% if original is none %}
    {% do exceptions.raise_compiler_error(
      'clone: ' ~ defer_relation.render() ~ ', which the state names for ' ~ model.unique_id ~ ', does not exist'
    ) %}
  {% endif %}
  {#- Both names are those of dbt's cache, since the project may write its own in another case or without quotes. -#}
  {% if existing_relation is not none and original.render() == existing_relation.render() %}
    {% do log('Target relation and defer relation are the same, skipping clone for relation: ' ~ this.render()) %}
    {{ return({'relations': []}) }}
  {% endif %}

  {% set target_relation = this.incorporate(type='table') %}
  {% if not original.is_table %}
    {% set refusal = 'that is no table' %}
  {% elif not can_clone_table() %}
    {% set refusal = 'the macro can_clone_table() returns false' %}
  {% else %}
    {% set refusal = oceanbase__fork_table(original, target_relation, existing_relation) %}
  {% endif %}
  {% if refusal %}
    {% do log('clone: ' ~ this.render() ~ ' becomes a view of ' ~ original.render() ~ ', since ' ~ refusal, info=true) %}
    {% set target_relation = this.incorporate(type='view') %}
    {% do oceanbase__build_relation(target_relation, existing_relation, 'select * from ' ~ original.render()) %}
  {% endif %}
  {% do apply_grants(target_relation, config.get('grants')) %}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% macro oceanbase__can_clone_table() %}
  {{ return(true) }}
{% endmacro %}

{#-
  Clone a table by FORK TABLE.

  If the target's name is taken, or if comments have to be written, the clone is first created as a staging relation,
  under another name. It gets the target's name when it is complete.

  Args:
    original (Relation): the table to clone
    target (Relation): the final name of the clone
    existing (Relation or none): the relation that has the target's name now
  Returns: none if the clone was made, or str, the reason why the server cannot fork the original
-#}
{% macro oceanbase__fork_table(original, target, existing) %}
  {% set is_staged = existing is not none or config.persist_relation_docs() or config.persist_column_docs() %}
  {% set clone = make_intermediate_relation(target) if is_staged else target %}
  {% if is_staged %}
    {% do oceanbase__prepare_staging(clone) %}
  {% endif %}
  {% set response = adapter.try_fork(original, clone) %}
  {% if response is string %}
    {% do adapter.unregister_staged(clone) %}
    {{ return(response) }}
  {% endif %}
  {% do persist_docs(clone, model) %}
  {% if existing is not none %}
    {% do oceanbase__swap_relations(clone, target, existing) %}
  {% elif is_staged %}
    {% do adapter.rename_relation(clone, target) %}
    {% do adapter.unregister_staged(clone) %}
  {% endif %}
  {% do store_result('main', response=response) %}
  {{ return(none) }}
{% endmacro %}
