{#-
  Two statements for one transaction: delete the rows of the target whose key is staged, then insert the staged rows.

  Args:
    target (Relation)
    source (Relation): the staging table
    unique_key (str | list[str] | none): without one, rows are inserted only
    dest_columns (list[Column]): the columns to write
    incremental_predicates (list[str] | str | none): conditions for the target's rows that may be deleted
  Returns: str
-#}
{% macro oceanbase__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) -%}
  {%- if unique_key -%}
    {{ oceanbase__delete_by_key(target, source, unique_key, dest_columns, incremental_predicates) }};
  {% endif %}
  {{- oceanbase__insert_staged(target, source, dest_columns) }}
{%- endmacro %}

{#-
  The DELETE of the target's rows whose key is staged.

  A key may be a column, quoted or not, or an expression over columns. Keys are compared null-safe. Columns of text are
  compared twice. The first comparison is by the collation, because the server can use an index for it. It is left out
  if the two columns have different collations, because the server refuses to compare these (1267). The second is byte
  for byte, because the default collation treats 'a', 'A' and 'a ' as equal, and rows of other keys would be deleted.

  Args: those of oceanbase__get_delete_insert_merge_sql, with a unique_key
  Returns: str
-#}
{% macro oceanbase__delete_by_key(target, source, unique_key, dest_columns, incremental_predicates) -%}
  {%- set keys = adapter.staged_key_pairs(unique_key, dest_columns) -%}
  delete from {{ target }} as DBT_INTERNAL_DEST
  where exists (
    select 1 from (
      select {% for key in keys %}{{ key.expression }} as dbt_internal_key_{{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
      from {{ source }}
    ) as DBT_INTERNAL_SOURCE
    where {{ oceanbase__keys_match(keys) }}
  ){{ oceanbase__and_predicates(incremental_predicates) }}
{%- endmacro %}

{#- The condition that a staged row and a row of the target have the same key. See KeyPair in merge_join.py. -#}
{% macro oceanbase__keys_match(keys) -%}
  {%- for key in keys -%}
    {{ ' and ' if not loop.first }}
    {%- if key.mixes_collations -%}
      {{ oceanbase__same_text(key.staged, key.target) }}
    {%- else -%}
      {{ key.staged }} <=> {{ key.target }}
      {%- if key.is_text %} and {{ oceanbase__same_value(key.staged, key.target, true) }}{% endif %}
    {%- endif -%}
  {%- endfor -%}
{%- endmacro %}

{#- Predicates as further conditions of a WHERE. Returns: str, empty if there are none -#}
{% macro oceanbase__and_predicates(predicates) -%}
  {%- for predicate in oceanbase__as_list(predicates) %}
    and ({{ predicate }})
  {%- endfor -%}
{%- endmacro %}

{#- The INSERT of all staged rows. -#}
{% macro oceanbase__insert_staged(target, source, dest_columns) -%}
  {%- set columns = get_quoted_csv(dest_columns | map(attribute='name')) -%}
  insert into {{ target }} ({{ columns }})
  select {{ columns }} from {{ source }}
{%- endmacro %}

{#- Return a config whose value is a text, a list or none as a list. -#}
{% macro oceanbase__as_list(value) %}
  {{ return([value] if value is string else (value or [])) }}
{% endmacro %}
