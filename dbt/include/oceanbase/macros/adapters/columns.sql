{#-
  Return the columns of several relations, read from information_schema by one query.

  Args:
    relations (list[Relation])
  Returns: agate.Table with a row for each column, ordered by schema, relation and position: schema, relation, column,
    type as the server spells it, nullable, refuses_null, has_default, is_generated, collation. refuses_null is true for
    a NOT NULL column that CREATE TABLE ... AS may have made: the column is in no key, and has no default, or one of the
    defaults 0 and '' that CREATE TABLE ... AS adds. Any other NOT NULL column was declared by a user.
-#}
{% macro oceanbase__column_rows(relations) %}
  {% call statement('column_rows', fetch_result=True, auto_begin=False) -%}
    select table_schema, table_name, column_name, column_type, is_nullable = 'YES' as nullable,
      is_nullable = 'NO' and column_key = '' and extra = '' and (column_default is null or length(column_default) = 0
        or (column_default regexp '^[-0:. ]+$' and data_type not regexp 'char|binary|enum|set')) as refuses_null,
      column_default is not null as has_default,
      generation_expression <> '' as is_generated, collation_name
    from information_schema.columns
    where {% for relation in relations -%}
      {{ ' or ' if not loop.first }}(table_schema = {{ dbt.string_literal(dbt.escape_single_quotes(relation.schema)) }} and table_name = {{ dbt.string_literal(dbt.escape_single_quotes(relation.identifier)) }})
    {%- endfor %}
    order by table_schema, table_name, ordinal_position
  {%- endcall %}
  {{ return(load_result('column_rows').table) }}
{% endmacro %}

{% macro oceanbase__get_columns_in_relation(relation) %}
  {{ return(adapter.columns_of([relation])[0]) }}
{% endmacro %}

{#-
  Return a query without rows, whose result has the columns of a SELECT. Semicolons at the end of the SELECT are removed,
  because it is put in parentheses.

  The hint forbids a cached plan. The server may have cached the plan of a SELECT with other literals, and the types in
  the result would then have the lengths of those literals.

  Args:
    select_sql (str): the SELECT
    select_sql_header (str | none): SQL to put before the query
  Returns: str, SQL
-#}
{% macro oceanbase__get_empty_subquery_sql(select_sql, select_sql_header=none) %}
  {{- select_sql_header if select_sql_header is not none -}}
  select /*+ use_plan_cache(none) */ * from (
    {{ adapter.without_final_semicolon(select_sql) }}
  ) as __dbt_sbq
  where false limit 0
{% endmacro %}

{% macro oceanbase__alter_column_type(relation, column_name, new_column_type) %}
  {% do adapter.retype_column(relation, column_name, new_column_type) %}
{% endmacro %}

{% macro oceanbase__alter_relation_add_remove_columns(relation, add_columns=none, remove_columns=none) %}
  {%- set clauses = [] -%}
  {%- for column in add_columns or [] -%}
    {%- do clauses.append('add column ' ~ column.quoted ~ ' ' ~ column.collated_type()) -%}
  {%- endfor -%}
  {%- for column in remove_columns or [] -%}
    {%- do clauses.append('drop column ' ~ column.quoted) -%}
  {%- endfor -%}
  {%- if clauses -%}
    {% do run_query('alter table ' ~ relation.render() ~ ' ' ~ clauses | join(', ')) %}
  {%- endif -%}
{% endmacro %}
