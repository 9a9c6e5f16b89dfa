{#-
  Return the tables, views and functions of one schema for dbt's cache.

  Internal tables of the server are left out, see oceanbase__is_not_internal. dbt has one namespace for tables and
  functions, so a function that has the name of a table is left out too.

  Args:
    schema_relation (Relation): any relation of the schema
    with_materialized_views (bool): whether to read the catalog of materialized views, which not every server has
  Returns: agate.Table of schema, name, type
-#}
{% macro oceanbase__list_relations(schema_relation, with_materialized_views=false) %}
  {% call statement('list_relations', fetch_result=True, auto_begin=False) -%}
    {{ oceanbase__relations_query(schema_relation, with_materialized_views) }}
  {%- endcall %}
  {{ return(load_result('list_relations').table) }}
{% endmacro %}

{#- Return the query of oceanbase__list_relations, which has the same arguments, as str. -#}
{% macro oceanbase__relations_query(schema_relation, with_materialized_views) -%}
  {%- set schema_text = dbt.string_literal(dbt.escape_single_quotes(schema_relation.schema)) -%}
    select table_schema, table_name,
      case table_type when 'VIEW' then 'view' when 'SYSTEM VIEW' then 'view'
        when 'EXTERNAL TABLE' then 'external' else 'table' end
    from information_schema.tables
    where table_schema = {{ schema_text }}
      and {{ oceanbase__is_not_internal('table_name') }}
    {%- if with_materialized_views %}
    union all select owner, mview_name, 'materialized_view' from oceanbase.DBA_MVIEWS where owner = {{ schema_text }}
    {%- endif %}
    union all select routine_schema, routine_name, 'function' from information_schema.routines
    where routine_schema = {{ schema_text }} and routine_type = 'FUNCTION'
      and not exists (select 1 from information_schema.tables where table_schema = {{ schema_text }} and table_name = routine_name)
{%- endmacro %}

{#-
  Return the tables, views and functions of one schema, for the macros of projects and packages. The adapter itself uses
  oceanbase__list_relations.

  Args:
    schema_relation (Relation): any relation of the schema
  Returns: agate.Table of database (always null), name, schema, type
-#}
{% macro oceanbase__list_relations_without_caching(schema_relation) %}
  {% call statement('list_relations_without_caching', fetch_result=True, auto_begin=False) -%}
    select null as `database`, name, `schema`, type
    from (
      select '' as `schema`, '' as name, '' as type from dual where 1 = 0
      union all
      {{ oceanbase__relations_query(schema_relation, adapter.has_materialized_views()) }}
    ) as listed
  {%- endcall %}
  {{ return(load_result('list_relations_without_caching').table) }}
{% endmacro %}

{% macro oceanbase__list_schemas(database) %}
  {{ return(run_query('select schema_name from information_schema.schemata')) }}
{% endmacro %}

{% macro oceanbase__check_schema_exists(information_schema, schema) %}
  {{ return(run_query('select count(*) from information_schema.schemata where schema_name = ' ~ dbt.string_literal(dbt.escape_single_quotes(schema)))) }}
{% endmacro %}

{% macro oceanbase__information_schema_name(database) -%}
  information_schema
{%- endmacro %}

{#-
  Return the time when each table was last written, for `dbt source freshness`. The time is the latest commit time of
  the table's rows. One statement scans all the tables.

  Args:
    information_schema (InformationSchema): not used; dbt passes it
    relations (list[Relation]): tables
  Returns: the result of a statement, as load_result returns it, with schema, identifier, last_modified (UTC; null for a
    table without rows) and snapshotted_at (the current time)
-#}
{% macro oceanbase__get_relation_last_modified(information_schema, relations) %}
  {% call statement('last_modified', fetch_result=True, auto_begin=False) -%}
    {%- for relation in relations %}
    {{ 'union all ' if not loop.first }}select {{ dbt.string_literal(dbt.escape_single_quotes(relation.schema)) }} as `schema`,
      {{ dbt.string_literal(dbt.escape_single_quotes(relation.identifier)) }} as identifier,
      cast(timestampadd(microsecond, max(ora_rowscn) div 1000, '1970-01-01') as datetime(6)) as last_modified,
      {{ current_timestamp() }} as snapshotted_at
    from {{ relation.render() }}
    {%- endfor %}
  {%- endcall %}
  {{ return(load_result('last_modified')) }}
{% endmacro %}
