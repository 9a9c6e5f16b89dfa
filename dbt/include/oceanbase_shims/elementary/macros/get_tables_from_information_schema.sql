{#-
  Return a query for the tables, views and materialized views of a schema, with all names in upper case. Internal tables
  of the server, and what interrupted runs have left behind, are left out (see oceanbase__is_offered). A schema
  without tables has one row, in which the name of the table is NULL.

  Args:
    schema_tuple (tuple[str, str]): the name of the database, which is not used, and the name of the schema
  Returns: str, SQL of a query with the columns full_table_name, full_schema_name, database_name, schema_name and
    table_name
-#}
{% macro oceanbase__get_tables_from_information_schema(schema_tuple) -%}
  {%- set schema_name = 'upper(' ~ adapter.text_literal(schema_tuple[1]) ~ ')' -%}
  select
    upper(concat(dbt_schemas.schema_name, '.', dbt_tables.table_name)) as full_table_name,
    upper(dbt_schemas.schema_name) as full_schema_name,
    cast(null as char(64)) as database_name,
    upper(dbt_schemas.schema_name) as schema_name,
    upper(dbt_tables.table_name) as table_name
  from information_schema.schemata as dbt_schemas
  left join ({{ oceanbase__listed_tables('upper(table_schema) = ' ~ schema_name) }}) as dbt_tables
    on dbt_tables.table_schema = dbt_schemas.schema_name
  where upper(dbt_schemas.schema_name) = {{ schema_name }}
{%- endmacro %}
