{#-
  Return the YAML of a source, by the package's own macro.

  Args: the arguments of the package's macro. Versions of codegen after 0.12 pass more of them than are named here; these
    are handed on as they are.
  Returns: str
  Raises: a compiler error if database_name or include_database is given, because OceanBase has only schemas
-#}
{% macro oceanbase__generate_source(
  schema_name, database_name, generate_columns, include_descriptions, include_data_types, table_pattern, exclude, name,
  table_names, include_database, include_schema
) -%}
  {%- if execute and (database_name or include_database) -%}
    {%- do exceptions.raise_compiler_error(
      'codegen.generate_source: OceanBase has schemas only (it calls them databases); leave out '
      ~ ('the argument database_name' if database_name else 'the argument include_database')
    ) -%}
  {%- endif -%}
  {{ return(codegen.default__generate_source(
    schema_name, database_name, generate_columns, include_descriptions, include_data_types, table_pattern, exclude,
    name, table_names, include_database, include_schema, *varargs
  )) }}
{%- endmacro %}
