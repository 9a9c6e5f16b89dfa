{#-
  Return a query for the tables, views and materialized views whose schema and name match patterns of LIKE. The case of
  letters does not matter. OceanBase has no ILIKE, so the query compares names in lower case. Internal tables of the
  server, and what interrupted runs have left behind, are left out (see oceanbase__is_offered).

  Args:
    schema_pattern (str): the pattern of the schema's name
    table_pattern (str): the pattern of the relation's name
    exclude (str): the pattern of relations that are left out
    database (str): must be empty, because OceanBase has only schemas
  Returns: str, SQL of a query with the columns table_schema, table_name and table_type
  Raises: a compiler error if database is not empty
-#}
{% macro oceanbase__get_tables_by_pattern_sql(schema_pattern, table_pattern, exclude='', database='') -%}
  {%- if database -%}
    {%- do exceptions.raise_compiler_error(
      "dbt_utils: OceanBase has schemas only, so there are no tables in the database '" ~ database
      ~ "'; leave out the argument database"
    ) -%}
  {%- endif -%}
  {%- set condition -%}
    lower(table_schema) like lower({{ adapter.text_literal(schema_pattern) }})
    and lower(table_name) like lower({{ adapter.text_literal(table_pattern) }})
    and lower(table_name) not like lower({{ adapter.text_literal(exclude) }})
  {%- endset -%}
  select distinct
    table_schema as {{ adapter.quote('table_schema') }},
    table_name as {{ adapter.quote('table_name') }},
    {{ dbt_utils.get_table_types_sql() }}
  from ({{ oceanbase__listed_tables(condition) }}) as dbt_listed
{%- endmacro %}
