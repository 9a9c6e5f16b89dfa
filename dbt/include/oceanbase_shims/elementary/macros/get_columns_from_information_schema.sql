{#-
  A query for the columns of a schema or of a table, with names in upper case. A boolean is a tinyint(1) for the server.

  Args:
    database_name (none): not used, since there are schemas only
    schema_name (str)
    table_name (str | none)
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
  where upper(table_schema) = upper({{ adapter.text_literal(schema_name) }})
  {%- if table_name %}
    and upper(table_name) = upper({{ adapter.text_literal(table_name) }})
  {%- endif -%}
{%- endmacro %}
