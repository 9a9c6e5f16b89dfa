{#- dbt's own caller of get_merge_sql, which would send a comment of its own. -#}
{% macro oceanbase__get_incremental_merge_sql(arg_dict) %}
  {{ return(oceanbase__get_merge_sql(arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['unique_key'], arg_dict['dest_columns'], arg_dict['incremental_predicates'])) }}
{% endmacro %}

{#-
  A merge by key: rows whose key is there are updated, the others are added. Where several staged rows have one key,
  nothing is written.

  Args:
    target (Relation), source (Relation): the staged rows
    unique_key (str | list[str] | none): without one, rows are added only
    dest_columns (list[Column])
    incremental_predicates (list[str] | str | none): on the target's rows that may be updated; a staged row whose key
      stands in others only is added
  Returns: str, one or two statements for one transaction
-#}
{% macro oceanbase__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
  {%- if not unique_key -%}
    {{ return(oceanbase__insert_staged(target, source, dest_columns)) }}
  {%- endif -%}
  {%- set keys = oceanbase__key_expressions(unique_key, dest_columns) -%}
  {%- set predicates = oceanbase__as_list(incremental_predicates) -%}
  {%- set updated = adapter.updated_columns(dest_columns, keys, config.get('merge_update_columns'), config.get('merge_exclude_columns')) -%}
  {%- do adapter.check_staged_keys(source, model.name, keys, dest_columns) -%}
  {%- if adapter.merges_by_index(target, keys, dest_columns, predicates) -%}
    {{ return(oceanbase__merge_by_index(target, source, keys, dest_columns, updated)) }}
  {%- endif -%}
  {{ return(oceanbase__merge_by_join(target, source, keys, dest_columns, updated, predicates)) }}
{%- endmacro %}

{#- The one statement of the server, which goes by the target's only unique index. -#}
{% macro oceanbase__merge_by_index(target, source, keys, columns, updated) -%}
  {{ oceanbase__insert_staged(target, source, columns) }}
  on duplicate key update {% for column in (updated | map(attribute='quoted') | list or keys[:1]) -%}
    {{ column }} = values({{ column }}){{ ', ' if not loop.last }}
  {%- endfor %}
{%- endmacro %}

{#-
  An UPDATE of the rows that are there, an INSERT of the others. The staged columns get other names unless a predicate
  refers to them, so that a name alone in a key or predicate is the target's. The UPDATE goes first, since it may free
  a value of another unique index; but it may change what an expression or a predicate says of a row, and then the
  INSERT does: the rows it adds are updated to what they are.
-#}
{% macro oceanbase__merge_by_join(target, source, keys, columns, updated, predicates) -%}
  {%- set quoted = columns | map(attribute='quoted') | list -%}
  {%- set expressions = keys | reject('in', quoted) | list -%}
  {%- set shows_source = 'dbt_internal_source.' in (predicates | join(' ') | replace('`', '') | lower) -%}
  {%- if expressions and shows_source -%}
    {%- do exceptions.raise_compiler_error(
      'incremental_predicates: DBT_INTERNAL_SOURCE cannot be used beside the expression ' ~ expressions[0]
      ~ ' in unique_key: make it a column of the model'
    ) -%}
  {%- endif -%}
  {%- set names = {} -%}
  {%- for column in quoted -%}
    {%- do names.update({column: 'DBT_INTERNAL_SOURCE.' ~ (column if shows_source else 'dbt_internal_value_' ~ loop.index)}) -%}
  {%- endfor -%}

  {%- set staged -%}
    {%- if shows_source -%}
      {{ source }} as DBT_INTERNAL_SOURCE
    {%- else -%}
      (
        select {% for column in quoted %}{{ column }} as dbt_internal_value_{{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
          {%- for key in expressions %}, {{ key }} as dbt_internal_key_{{ loop.index }}{% endfor %}
        from {{ source }}
      ) as DBT_INTERNAL_SOURCE
    {%- endif -%}
  {%- endset -%}
  {%- set matched -%}
    {%- for key in keys -%}
      {{ ' and ' if not loop.first }}
      {%- if key in quoted -%}
        {{ oceanbase__same_key(names[key], 'DBT_INTERNAL_DEST.' ~ key, key, columns) }}
      {%- else -%}
        DBT_INTERNAL_SOURCE.dbt_internal_key_{{ expressions.index(key) + 1 }} <=> ({{ key }})
      {%- endif -%}
    {%- endfor -%}
    {{ oceanbase__and_predicates(predicates) }}
  {%- endset -%}

  {%- set update -%}
    {%- if updated -%}
      update {{ target }} as DBT_INTERNAL_DEST
      join {{ staged }} on {{ matched }}
      set {% for column in updated | map(attribute='quoted') -%}
        DBT_INTERNAL_DEST.{{ column }} = {{ names[column] }}{{ ', ' if not loop.last }}
      {%- endfor -%}
    {%- endif -%}
  {%- endset -%}
  {%- set insert -%}
    insert into {{ target }} ({{ quoted | join(', ') }})
    select {% for column in quoted %}{{ names[column] }}{{ ', ' if not loop.last }}{% endfor %} from {{ staged }}
    where not exists (select 1 from {{ target }} as DBT_INTERNAL_DEST where {{ matched }})
  {%- endset -%}
  {{ ([insert, update] if expressions or predicates else [update, insert]) | select | join(';\n') }}
{%- endmacro %}
