{% materialization seed, adapter='oceanbase' %}
  {% do oceanbase__refuse_unsupported() %}
  {% set target_relation = this.incorporate(type='table') %}
  {% set existing_relation = oceanbase__heal(target_relation, load_cached_relation(this)) %}
  {% do oceanbase__check_seed_target(existing_relation) %}
  {% set agate_table = adapter.seed_table(load_agate_table) %}
  {% do store_result('agate_table', response='OK', agate_table=agate_table) %}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {% set loaded = oceanbase__load_seed(target_relation, existing_relation, agate_table) %}
  {% set row_count = agate_table.rows | length %}
  {% call noop_statement('main', loaded.code ~ ' ' ~ row_count, loaded.code, row_count) -%}
    {{ loaded.sql }}
  {%- endcall %}
  {% do apply_grants(target_relation, config.get('grants'), should_revoke=existing_relation is not none) %}

  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% do adapter.commit() %}
  {{ run_hooks(post_hooks, inside_transaction=False) }}

  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#- A seed takes the place of a table only: what else stands there may be somebody's work. -#}
{% macro oceanbase__check_seed_target(existing) %}
  {% if existing is not none and not existing.is_table %}
    {% do exceptions.raise_compiler_error("Cannot seed to '" ~ existing.render() ~ "', it is a " ~ existing.type ~ ': drop it, or give the seed another alias') %}
  {% endif %}
{% endmacro %}

{#-
  Load a seed so that no reader ever sees it empty: again with the same columns by DELETE and INSERT in one
  transaction, with other columns or on a full refresh aside and swapped in. An empty table is replaced as well: the
  DELETE of two runs at the same time locks nothing there, and the rows would be doubled; not so that of a parent of
  foreign keys, which has a unique key.

  Returns: dict with sql (str, for the compiled file) and code (str)
-#}
{% macro oceanbase__load_seed(target, existing, agate_table) %}
  {% set declared = model['config'].get('column_types', {}) %}
  {% set quote = model['config'].get('quote_columns', none) %}
  {% set columns = adapter.seed_columns(agate_table, declared, model['config'].get('delimiter', ',')) %}

  {% if existing is none %}
    {% set create_sql = oceanbase__create_seed_table(target, columns, quote) %}
    {% if adapter.create_unless_taken(create_sql, target) is not none %}
      {% do adapter.stage(target) %}
      {% set insert_sql = adapter.load_seed(target, agate_table, declared, quote) %}
      {% do adapter.commit() %}
      {% do adapter.unstage(target) %}
      {{ return({'sql': create_sql ~ ';\n' ~ insert_sql, 'code': 'CREATE'}) }}
    {% endif %}
    {% set existing = adapter.actual_relation(target) %}
    {% do oceanbase__check_seed_target(existing) %}
  {% elif not should_full_refresh() %}
    {% set found = adapter.seed_target(columns, existing) %}
    {% if found.same_columns and (adapter.delete_seed(existing, found.is_parent) or found.is_parent) %}
      {% set insert_sql = adapter.load_seed(existing, agate_table, declared, quote) %}
      {% if found.is_parent %}
        {% do adapter.check_children(existing) %}
      {% endif %}
      {% do adapter.commit() %}
      {% do persist_docs(existing, model) %}
      {{ return({'sql': 'delete from ' ~ existing.render() ~ ';\n' ~ insert_sql, 'code': 'INSERT'}) }}
    {% endif %}
    {% do adapter.commit() %}
  {% endif %}

  {% set staging = make_intermediate_relation(target) %}
  {% do oceanbase__stage(staging) %}
  {% set create_sql = oceanbase__create_seed_table(staging, columns, quote) %}
  {% call statement('create_seed', auto_begin=False) -%}{{ create_sql }}{%- endcall %}
  {% set insert_sql = adapter.load_seed(staging, agate_table, declared, quote) %}
  {% do adapter.commit() %}
  {% do oceanbase__swap(staging, target, existing) %}
  {{ return({'sql': create_sql ~ ';\n' ~ insert_sql, 'code': 'CREATE'}) }}
{% endmacro %}

{#- The CREATE of a seed's table with the comments of its description and columns. -#}
{% macro oceanbase__create_seed_table(relation, columns, quote) -%}
  {%- set described = {} -%}
  {%- if config.persist_column_docs() -%}
    {%- set absent = adapter.absent_columns(columns | map(attribute='name') | list, model.columns) -%}
    {%- do oceanbase__warn_of_absent(this, absent) -%}
    {%- for name, column in model.columns.items() if name not in absent -%}
      {%- do described.update({name | lower: column.description}) -%}
    {%- endfor -%}
  {%- endif -%}
  create table {{ relation.render() }} (
    {%- for column in columns %}
    {{ adapter.quote_seed_column(column.name, quote) }} {{ column.data_type }}
      {%- if described.get(column.name | lower) %} comment {{ adapter.comment_literal(described[column.name | lower], of_column=true) }}{% endif %}
      {{- ',' if not loop.last }}
    {%- endfor %}
  )
  {%- if config.persist_relation_docs() and model.description %} {{ oceanbase__comment_clause(model.description) }}{% endif %}
{%- endmacro %}
