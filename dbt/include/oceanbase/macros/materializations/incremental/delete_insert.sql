{#-
  Return two statements for one transaction. The first one deletes the rows of the target that have the unique key of a
  row in the staging table. The second one inserts the rows of the staging table.

  Args:
    target (Relation): the model's table
    source (Relation): the staging table, which has the new rows
    unique_key (str | list[str] | none): columns or SQL expressions; with none, no rows are deleted
    dest_columns (list[Column]): the columns to write
    incremental_predicates (list[str] | str | none): SQL conditions for the target's rows that may be deleted
  Returns: str, SQL
-#}
{% macro oceanbase__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) -%}
  {%- if unique_key -%}
    {{ oceanbase__delete_by_key(target, source, unique_key, dest_columns, incremental_predicates) }};
  {% endif %}
  {{- oceanbase__insert_staged(target, source, dest_columns) }}
{%- endmacro %}

{#-
  Return the statement that deletes the rows of the target that have the unique key of a row in the staging table.

  A key may be a column, quoted or not, or an expression over columns. Keys are compared null-safe. Columns of text are
  compared twice. The first comparison is by the collation, because the server can use an index for it. It is left out
  if the two columns have different collations, because the server refuses to compare these (1267). The second
  comparison is byte for byte, because the default collation treats 'a', 'A' and 'a ' as equal. Without it, rows with
  other keys would be deleted.

  Args: the arguments of oceanbase__get_delete_insert_merge_sql; unique_key must not be none
  Returns: str, SQL
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

{#-
  Return the condition that a row of the staging table and a row of the target have the same key.

  Args:
    keys (list[KeyPair]): the expressions of the key, see KeyPair in merge_join.py
  Returns: str, SQL
-#}
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

{#-
  Return conditions for the end of a WHERE or ON clause. Each of them begins with AND.

  Args:
    predicates (list[str] | str | none): SQL conditions
  Returns: str, empty if there are no predicates
-#}
{% macro oceanbase__and_predicates(predicates) -%}
  {%- for predicate in oceanbase__as_list(predicates) %}
    and ({{ predicate }})
  {%- endfor -%}
{%- endmacro %}

{#-
  Return the statement that inserts all rows of the staging table into the target.

  Args:
    target (Relation): the model's table
    source (Relation): the staging table
    dest_columns (list[Column]): the columns to write
  Returns: str, SQL
-#}
{% macro oceanbase__insert_staged(target, source, dest_columns) -%}
  {%- set columns = get_quoted_csv(dest_columns | map(attribute='name')) -%}
  insert into {{ target }} ({{ columns }})
  select {{ columns }} from {{ source }}
{%- endmacro %}

{#- Return the value of a config as a list: [value] for a text, [] for none, and a list unchanged. -#}
{% macro oceanbase__as_list(value) %}
  {{ return([value] if value is string else (value or [])) }}
{% endmacro %}
