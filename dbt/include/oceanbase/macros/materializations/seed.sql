{% materialization seed, adapter='oceanbase' %}
  {% do oceanbase__refuse_unsupported_configs() %}
  {% set target_relation = this.incorporate(type='table') %}
  {% set existing_relation = oceanbase__recover_interrupted_run(target_relation, load_cached_relation(this)) %}
  {% do oceanbase__check_seed_target(existing_relation) %}
  {% set rows = adapter.seed_rows(load_agate_table, store_result, model, flags.EMPTY or false) %}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {% set loaded = oceanbase__load_seed(target_relation, existing_relation, rows) %}
  {% set row_count = rows.count %}
  {% call noop_statement('main', loaded.code ~ ' ' ~ row_count, loaded.code, row_count) -%}
    {{ loaded.sql }}
  {%- endcall %}
  {% do apply_grants(target_relation, config.get('grants'), should_revoke=existing_relation is not none) %}

  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% do adapter.commit() %}
  {{ run_hooks(post_hooks, inside_transaction=False) }}

  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#-
  Check that no view or other relation that is not a table has the seed's name. A user may have created such a relation,
  so it is not replaced.

  Args:
    existing (Relation or none): the relation that has the seed's name
  Raises: a compiler error if `existing` is not a table
-#}
{% macro oceanbase__check_seed_target(existing) %}
  {% if existing is not none and not existing.is_table %}
    {% do exceptions.raise_compiler_error("Cannot seed to '" ~ existing.render() ~ "', it is a " ~ existing.type ~ ': drop it, or give the seed another alias') %}
  {% endif %}
{% endmacro %}

{#-
  Load the rows of a seed into its table. Readers never see an existing seed empty.

  If the seed's table exists, has the same columns and has rows, it is loaded by DELETE and INSERT in one transaction.
  If the table has other columns or no rows, or with --full-refresh, a staging table is loaded and then renamed to the
  seed's name. An empty table is not loaded by DELETE and INSERT, because the DELETE would lock no row. A second run at
  the same time would then load the rows again. The exception is an empty table to which foreign keys refer. It has a
  unique key, which refuses the rows of a second run.

  Args:
    target (Relation): the seed's table
    existing (Relation or none): the relation that dbt's cache has under the seed's name
    rows (SeedRows): the rows
  Returns: dict with sql (str, for dbt's compiled file) and code (str, CREATE or INSERT, for dbt's result)
-#}
{% macro oceanbase__load_seed(target, existing, rows) %}
  {% set declared = model['config'].get('column_types', {}) %}
  {% set quote = model['config'].get('quote_columns', none) %}
  {% set columns = adapter.seed_columns(rows, declared) %}

  {% if existing is none %}
    {% set create_sql = oceanbase__create_seed_table(target, columns, quote) %}
    {% if adapter.try_create(create_sql, target) is not none %}
      {% do adapter.register_staged(target) %}
      {% do adapter.add_partitions(target, config, rows) %}
      {% set insert_sql = adapter.load_seed(target, rows, declared, quote) %}
      {% do adapter.commit() %}
      {% do adapter.unregister_staged(target) %}
      {% do oceanbase__drop_expired_partitions(target) %}
      {% do oceanbase__analyze(target) %}
      {{ return({'sql': create_sql ~ ';\n' ~ insert_sql, 'code': 'CREATE'}) }}
    {% endif %}
    {% set existing = adapter.actual_relation(target) %}
    {% do oceanbase__check_seed_target(existing) %}
  {% elif not should_full_refresh() %}
    {% set found = adapter.seed_target(columns, existing) %}
    {% if found.same_columns %}
      {% do oceanbase__apply_design_changes(existing) %}
      {% do adapter.add_partitions(existing, config, rows) %}
    {% endif %}
    {% if found.same_columns and (adapter.delete_seed(existing, found.is_parent) or found.is_parent) %}
      {% set insert_sql = adapter.load_seed(existing, rows, declared, quote) %}
      {% if found.is_parent %}
        {% do adapter.check_children(existing) %}
      {% endif %}
      {% do adapter.commit() %}
      {% do oceanbase__drop_expired_partitions(existing) %}
      {% do oceanbase__analyze(existing) %}
      {% do persist_docs(existing, model) %}
      {{ return({'sql': 'delete from ' ~ existing.render() ~ ';\n' ~ insert_sql, 'code': 'INSERT'}) }}
    {% endif %}
    {% do adapter.commit() %}
  {% endif %}

  {% set staging = make_intermediate_relation(target) %}
  {% do oceanbase__prepare_staging(staging) %}
  {% set create_sql = oceanbase__create_seed_table(staging, columns, quote) %}
  {% call statement('create_seed', auto_begin=False) -%}{{ create_sql }}{%- endcall %}
  {% do adapter.add_partitions(staging, config, rows) %}
  {% set insert_sql = adapter.load_seed(staging, rows, declared, quote) %}
  {% do adapter.commit() %}
  {% do oceanbase__drop_expired_partitions(staging) %}
  {% do oceanbase__analyze(staging) %}
  {% do oceanbase__swap_relations(staging, target, existing) %}
  {{ return({'sql': create_sql ~ ';\n' ~ insert_sql, 'code': 'CREATE'}) }}
{% endmacro %}

{#-
  Return the CREATE TABLE statement of a seed. It has the comments of the table and its columns if persist_docs is set,
  and the keys, options and other parts of the design that the seed's configs describe.

  Args:
    relation (Relation): the table to create
    columns (list[Column]): the columns of the seed
    quote (bool | none): the config quote_columns
  Returns: str, SQL
-#}
{% macro oceanbase__create_seed_table(relation, columns, quote) -%}
  {%- set described = {} -%}
  {%- if config.persist_column_docs() -%}
    {%- set absent = adapter.absent_columns(columns | map(attribute='name') | list, model.columns) -%}
    {%- do oceanbase__warn_absent_columns(this, absent) -%}
    {%- for name, column in model.columns.items() if name not in absent -%}
      {%- do described.update({name | lower: column.description}) -%}
    {%- endfor -%}
  {%- endif -%}
  {%- set design = adapter.table_design(config) -%}
  {%- set attributes = design.attributes_of(columns | map(attribute='name')) -%}
  create table {{ relation.render() }} (
    {%- for column in columns %}
    {{ adapter.quote_seed_column(column.name, quote) }} {{ column.data_type }}{{ attributes.get(column.name | lower, '') }}
      {%- if described.get(column.name | lower) %} comment {{ adapter.comment_literal(described[column.name | lower], of_column=true) }}{% endif %}
      {{- ',' if not loop.last }}
    {%- endfor %}
    {%- for clause in design.in_columns %},
    {{ clause }}
    {%- endfor %}
  )
  {%- if config.persist_relation_docs() and model.description %} {{ oceanbase__comment_clause(model.description) }}{% endif %}
  {{- ' ' ~ design.after_columns if design.after_columns }}
{%- endmacro %}
