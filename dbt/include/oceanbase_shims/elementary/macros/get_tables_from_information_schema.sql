{#-
  A query for the tables of a schema, with names in upper case. A schema without tables has one row, without a table.

  Args:
    schema_tuple (tuple): the database, which is not used, and the schema
-#}
{% macro oceanbase__get_tables_from_information_schema(schema_tuple) -%}
  select
    upper(concat(dbt_schemas.schema_name, '.', dbt_tables.table_name)) as full_table_name,
    upper(dbt_schemas.schema_name) as full_schema_name,
    cast(null as char(64)) as database_name,
    upper(dbt_schemas.schema_name) as schema_name,
    upper(dbt_tables.table_name) as table_name
  from information_schema.schemata as dbt_schemas
  left join information_schema.tables as dbt_tables on dbt_tables.table_schema = dbt_schemas.schema_name
  where upper(dbt_schemas.schema_name) = upper({{ adapter.text_literal(schema_tuple[1]) }})
{%- endmacro %}
