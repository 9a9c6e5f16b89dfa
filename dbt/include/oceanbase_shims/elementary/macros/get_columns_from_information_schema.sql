{#-
  Return a query for the columns of a schema or of a table, with all names in upper case. The type tinyint(1) is named
  boolean, because the server stores booleans as tinyint(1). Tables that are not for a project are left out (see
  oceanbase__is_offered).

  Args:
    database_name (none): not used, because OceanBase has only schemas
    schema_name (str): the name of the schema, in any case
    table_name (str | none): the name of the table, in any case; none for all tables of the schema
  Returns: str, SQL of a query with the columns full_table_name, database_name, schema_name, table_name, column_name and
    data_type
-#}
{% macro oceanbase__get_columns_from_information_schema(database_name, schema_name, table_name=none) -%}
  select
    upper(concat(table_schema, '.', table_name)) as full_table_name,
    cast(null as char(64)) as database_name,
    upper(table_schema) as schema_name,
    upper(table_name) as table_name,
    upper(column_name) as column_name,
    case column_type when 'tinyint(1)' then 'boolean' else data_type end as data_type
  from information_schema.columns
  where upper(table_schema) = upper({{ adapter.text_literal(schema_name) }}) and {{ oceanbase__is_offered('table_name') }}
  {%- if table_name %}
    and upper(table_name) = upper({{ adapter.text_literal(table_name) }})
  {%- endif -%}
{%- endmacro %}
