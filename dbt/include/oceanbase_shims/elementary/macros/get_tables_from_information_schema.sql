{#-
  Return a query for the tables and views of a schema, with all names in upper case. A schema without tables has one
  row, in which the name of the table is NULL.

  Args:
    schema_tuple (tuple[str, str]): the name of the database, which is not used, and the name of the schema
  Returns: str, SQL of a query with the columns full_table_name, full_schema_name, database_name, schema_name and
    table_name
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
