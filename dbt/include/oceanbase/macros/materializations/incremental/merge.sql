{#-
  Return the statements of the strategy merge, see oceanbase__get_merge_sql. This replaces dbt's macro, which adds an
  SQL comment to the statement.
-#}
{% macro oceanbase__get_incremental_merge_sql(arg_dict) %}
  {{ return(oceanbase__get_merge_sql(arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['unique_key'], arg_dict['dest_columns'], arg_dict['incremental_predicates'])) }}
{% endmacro %}

{#-
  Return the statements of a merge. A row of the target that has the unique key of a row in the staging table is
  updated. The other rows of the staging table are inserted.

  Args:
    target (Relation): the model's table
    source (Relation): the staging table, which has the new rows
    unique_key (str | list[str] | none): columns or SQL expressions; with none, all rows are inserted and none is
      updated
    dest_columns (list[Column]): the columns to write
    incremental_predicates (list[str] | str | none): SQL conditions for the target's rows that may be updated; a row of
      the staging table is inserted if no row with its key fulfils them
  Returns: str, one or two statements for one transaction
  Raises: an error if several rows of the staging table have the same key; nothing has been written then
-#}
{% macro oceanbase__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
  {%- if not unique_key -%}
    {{ return(oceanbase__insert_staged(target, source, dest_columns)) }}
  {%- endif -%}
  {%- set keys = adapter.key_expressions(unique_key, dest_columns) -%}
  {%- set predicates = oceanbase__as_list(incremental_predicates) -%}
  {%- set updated = adapter.updated_columns(dest_columns, keys, config.get('merge_update_columns'), config.get('merge_exclude_columns')) -%}
  {%- do adapter.check_duplicate_keys(source, model.name, keys, dest_columns) -%}
  {%- if adapter.can_merge_by_index(target, keys, dest_columns, predicates) -%}
    {{ return(oceanbase__merge_by_index(target, source, keys, dest_columns, updated)) }}
  {%- endif -%}
  {{ return(oceanbase__merge_by_join(target, source, keys, dest_columns, updated, predicates)) }}
{%- endmacro %}

{#-
  Return one INSERT ... ON DUPLICATE KEY UPDATE, which finds existing rows by the only unique index of the target.

  Args:
    target (Relation): the model's table
    source (Relation): the staging table, which has the new rows
    keys (list[str]): the columns of the unique key, quoted
    columns (list[Column]): the columns to write
    updated (list[Column]): the columns to update in existing rows; if empty, a key column is set to its own value
  Returns: str, SQL
-#}
{% macro oceanbase__merge_by_index(target, source, keys, columns, updated) -%}
  {{ oceanbase__insert_staged(target, source, columns) }}
  on duplicate key update {% for column in (updated | map(attribute='quoted') | list or keys[:1]) -%}
    {{ column }} = values({{ column }}){{ ', ' if not loop.last }}
  {%- endfor %}
{%- endmacro %}

{#-
  Return an UPDATE of the target's rows whose key is in the staging table, and an INSERT of the rows with other keys.
  See merge_join in merge_join.py for the aliases of columns and for the order of the two statements.

  Args:
    target (Relation): the model's table
    source (Relation): the staging table, which has the new rows
    keys (list[str]): the columns or expressions of the unique key, as SQL
    columns (list[Column]): the columns to write
    updated (list[Column]): the columns to update in existing rows; if empty, there is no UPDATE
    predicates (list[str]): SQL conditions for the target's rows that may be updated
  Returns: str, one or two statements
-#}
{% macro oceanbase__merge_by_join(target, source, keys, columns, updated, predicates) -%}
  {%- set join = adapter.merge_join_columns(keys, columns, updated, predicates) -%}
  {%- set staged -%}
    {%- if join.select_list -%}
      (
        select {% for expression, alias in join.select_list %}{{ expression }} as {{ alias }}{{ ', ' if not loop.last }}{% endfor %}
        from {{ source }}
      ) as DBT_INTERNAL_SOURCE
    {%- else -%}
      {{ source }} as DBT_INTERNAL_SOURCE
    {%- endif -%}
  {%- endset -%}
  {%- set matched -%}
    {{ oceanbase__keys_match(join.keys) }}
    {{- oceanbase__and_predicates(predicates) }}
  {%- endset -%}

  {%- set update -%}
    {%- if join.updates -%}
      update {{ target }} as DBT_INTERNAL_DEST
      join {{ staged }} on {{ matched }}
      set {% for column, value in join.updates -%}
        DBT_INTERNAL_DEST.{{ column }} = {{ value }}{{ ', ' if not loop.last }}
      {%- endfor -%}
    {%- endif -%}
  {%- endset -%}
  {%- set insert -%}
    insert into {{ target }} ({{ join.values | map(attribute=0) | join(', ') }})
    select {{ join.values | map(attribute=1) | join(', ') }} from {{ staged }}
    where not exists (select 1 from {{ target }} as DBT_INTERNAL_DEST where {{ matched }})
  {%- endset -%}
  {{ ([insert, update] if join.inserts_first else [update, insert]) | select | join(';\n') }}
{%- endmacro %}
