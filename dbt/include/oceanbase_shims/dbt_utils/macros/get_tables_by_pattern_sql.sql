{#-
  A query for the relations whose schema and name match patterns of LIKE. The case of letters does not count.

  OceanBase has no ILIKE. Its names have two parts, schema and name, so a database raises an error.

  Args:
    schema_pattern (str)
    table_pattern (str)
    exclude (str): pattern of names that are left out
    database (str): must be empty
-#}
{% macro oceanbase__get_tables_by_pattern_sql(schema_pattern, table_pattern, exclude='', database='') -%}
  {%- if database -%}
    {%- do exceptions.raise_compiler_error(
      "dbt_utils: OceanBase has schemas only, so there are no tables in the database '" ~ database
      ~ "'; leave out the argument database"
    ) -%}
  {%- endif -%}
  select distinct
    table_schema as {{ adapter.quote('table_schema') }},
    table_name as {{ adapter.quote('table_name') }},
    {{ dbt_utils.get_table_types_sql() }}
  from information_schema.tables
  where lower(table_schema) like lower({{ adapter.text_literal(schema_pattern) }})
    and lower(table_name) like lower({{ adapter.text_literal(table_pattern) }})
    and lower(table_name) not like lower({{ adapter.text_literal(exclude) }})
{%- endmacro %}
