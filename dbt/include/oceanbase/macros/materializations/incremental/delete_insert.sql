{#-
  Two statements for one transaction: rows of the target whose key is staged go, staged rows come.

  Args:
    target (Relation), source (Relation): the staged rows
    unique_key (str | list[str] | none): without one, rows are added only
    dest_columns (list[Column])
    incremental_predicates (list[str] | str | none): on the target's rows that may be deleted
  Returns: str
-#}
{% macro oceanbase__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) -%}
  {%- if unique_key -%}
    {{ oceanbase__delete_by_key(target, source, unique_key, dest_columns, incremental_predicates) }};
  {% endif %}
  {{- oceanbase__insert_staged(target, source, dest_columns) }}
{%- endmacro %}

{#-
  The DELETE of the target's rows whose key is staged. Keys are compared null-safe; a key may be a column, quoted or
  not, or an expression over columns. Text in a column is the same key only byte for byte: the default collation takes
  'a', 'A' and 'a ' for one, and rows of other keys would go. The comparison by the collation stays beside it, for the
  sake of an index.
-#}
{% macro oceanbase__delete_by_key(target, source, unique_key, dest_columns, incremental_predicates) -%}
  {%- set keys = oceanbase__key_expressions(unique_key, dest_columns) -%}
  delete from {{ target }} as DBT_INTERNAL_DEST
  where exists (
    select 1 from (
      select {% for key in keys %}{{ key }} as dbt_internal_key_{{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
      from {{ source }}
    ) as DBT_INTERNAL_SOURCE
    where {% for key in keys -%}
      {{ ' and ' if not loop.first }}
      {{- oceanbase__same_key('DBT_INTERNAL_SOURCE.dbt_internal_key_' ~ loop.index, '(' ~ key ~ ')', key, dest_columns) }}
    {%- endfor %}
  ){{ oceanbase__and_predicates(incremental_predicates) }}
{%- endmacro %}

{#- One key of a staged row and of the target's is the same. -#}
{% macro oceanbase__same_key(staged, kept, key, columns) -%}
  {{ staged }} <=> {{ kept }}
  {%- for column in columns if column.quoted == key and column.compares_as_text() %} and {{ oceanbase__same_value(staged, kept, true) }}
  {%- endfor -%}
{%- endmacro %}

{#- Predicates as more conditions. Returns: str, empty without any -#}
{% macro oceanbase__and_predicates(predicates) -%}
  {%- for predicate in oceanbase__as_list(predicates) %}
    and ({{ predicate }})
  {%- endfor -%}
{%- endmacro %}

{% macro oceanbase__insert_staged(target, source, dest_columns) -%}
  {%- set columns = get_quoted_csv(dest_columns | map(attribute='name')) -%}
  insert into {{ target }} ({{ columns }})
  select {{ columns }} from {{ source }}
{%- endmacro %}

{% macro oceanbase__as_list(value) %}
  {{ return([value] if value is string else (value or [])) }}
{% endmacro %}

{#- The keys as SQL: one that is the name of a column is quoted, since it may be a reserved word. Returns: list[str] -#}
{% macro oceanbase__key_expressions(unique_key, columns) %}
  {% set quoted_names = {} %}
  {% for column in columns %}
    {% do quoted_names.update({column.name | lower: column.quoted, column.quoted | lower: column.quoted}) %}
  {% endfor %}
  {% set expressions = [] %}
  {% for key in oceanbase__as_list(unique_key) %}
    {% do expressions.append(quoted_names.get(key | trim | lower, key)) %}
  {% endfor %}
  {{ return(expressions) }}
{% endmacro %}
