{#-
  A clone of a table shares its storage until one of the two is written to (FORK TABLE). It is made aside and swapped in
  as every table is. What the server cannot fork becomes a view that points to the original, which the log says.
-#}
{% materialization clone, adapter='oceanbase' %}
  {% if not defer_relation %}
    {% do log('No relation found in state manifest for ' ~ model.unique_id, info=true) %}
    {{ return({'relations': []}) }}
  {% endif %}
  {% set existing_relation = oceanbase__heal(this, load_cached_relation(this)) %}
  {% if existing_relation and not flags.FULL_REFRESH %}
    {% do log('Relation ' ~ existing_relation ~ ' already exists', info=true) %}
    {#- a run that was cut off may have cloned it and granted nothing -#}
    {% do apply_grants(existing_relation, config.get('grants')) %}
    {{ return({'relations': []}) }}
  {% endif %}
  {% set original = load_cached_relation(defer_relation) %}
  {% if original is none %}
    {% do exceptions.raise_compiler_error(
      'clone: ' ~ defer_relation.render() ~ ', which the state names for ' ~ model.unique_id ~ ', does not exist'
    ) %}
  {% endif %}
  {% if original.render() == this.render() %}
    {% do log('Target relation and defer relation are the same, skipping clone for relation: ' ~ this.render()) %}
    {{ return({'relations': []}) }}
  {% endif %}

  {% set target_relation = this.incorporate(type='table') %}
  {% set forked = original.is_table and can_clone_table() and oceanbase__fork(original, target_relation, existing_relation) %}
  {% if not forked %}
    {% do log('clone: ' ~ this.render() ~ ' becomes a view of ' ~ original.render() ~ ', which is no table that the server can fork', info=true) %}
    {% set target_relation = this.incorporate(type='view') %}
    {% do oceanbase__build(target_relation, existing_relation, 'select * from ' ~ original.render()) %}
  {% endif %}
  {% do apply_grants(target_relation, config.get('grants')) %}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% macro oceanbase__can_clone_table() %}
  {{ return(true) }}
{% endmacro %}

{#-
  Fork a table, aside where something stands in its place or where it is going to get comments of its own.

  Args:
    original (Relation): a table
    target (Relation): what it is cloned to
    existing (Relation or none): what stands there now
  Returns: bool, false where the server cannot fork the original
-#}
{% macro oceanbase__fork(original, target, existing) %}
  {% set aside = existing is not none or config.persist_relation_docs() or config.persist_column_docs() %}
  {% set clone = make_intermediate_relation(target) if aside else target %}
  {% if aside %}
    {% do oceanbase__stage(clone) %}
  {% endif %}
  {% set response = adapter.fork_unless_refused(original, clone) %}
  {% if response is none %}
    {% do adapter.unstage(clone) %}
    {{ return(false) }}
  {% endif %}
  {% do persist_docs(clone, model) %}
  {% if existing is not none %}
    {% do oceanbase__swap(clone, target, existing) %}
  {% elif aside %}
    {% do adapter.rename_relation(clone, target) %}
    {% do adapter.unstage(clone) %}
  {% endif %}
  {% do store_result('main', response=response) %}
  {{ return(true) }}
{% endmacro %}
