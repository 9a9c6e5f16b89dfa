{#-
  Two statements for one transaction: rows of the target whose key is staged go, staged rows come. Keys are compared
  null-safe; a key may be a column, quoted or not, or an expression over columns. Text in a column is the same key
  only byte for byte: the default collation takes 'a', 'A' and 'a ' for one, and rows of other keys would go. The
  comparison by the collation stays beside it, for the sake of an index.

  Args:
    target (Relation), source (Relation): the staged rows
    unique_key (str | list[str] | none): without one, rows are added only
    dest_columns (list[Column])
    incremental_predicates (list[str] | str | none): on the target's rows that may be deleted
  Returns: str
-#}
{% macro oceanbase__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) -%}
  {%- set keys = oceanbase__key_expressions(unique_key, dest_columns) -%}
  {%- set predicates = [incremental_predicates] if incremental_predicates is string else (incremental_predicates or []) -%}
  {%- set columns = get_quoted_csv(dest_columns | map(attribute='name')) -%}
  {%- set text_columns = [] -%}
  {%- for column in dest_columns if column.compares_as_text() -%}{%- do text_columns.append(column.quoted) -%}{%- endfor -%}
  {%- if keys %}
  delete from {{ target }} as DBT_INTERNAL_DEST
  where exists (
    select 1 from (
      select {% for key in keys %}{{ key }} as dbt_internal_key_{{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
      from {{ source }}
    ) as DBT_INTERNAL_SOURCE
    where {% for key in keys -%}
      {%- set staged = 'DBT_INTERNAL_SOURCE.dbt_internal_key_' ~ loop.index -%}
      {{ ' and ' if not loop.first }}{{ staged }} <=> ({{ key }})
      {%- if key in text_columns %} and {{ oceanbase__same_value(staged, key, true) }}{% endif %}
    {%- endfor %}
  )
  {%- for predicate in predicates %}
    and ({{ predicate }})
  {%- endfor %};
  {%- endif %}
  insert into {{ target }} ({{ columns }})
  select {{ columns }} from {{ source }}
{%- endmacro %}

{#- The keys as SQL: one that is the name of a column is quoted, since it may be a reserved word. Returns: list[str] -#}
{% macro oceanbase__key_expressions(unique_key, columns) %}
  {% set quoted_names = {} %}
  {% for column in columns %}
    {% do quoted_names.update({column.name | lower: column.quoted}) %}
  {% endfor %}
  {% set expressions = [] %}
  {% for key in ([unique_key] if unique_key is string else (unique_key or [])) %}
    {% do expressions.append(quoted_names.get(key | lower, key)) %}
  {% endfor %}
  {{ return(expressions) }}
{% endmacro %}
