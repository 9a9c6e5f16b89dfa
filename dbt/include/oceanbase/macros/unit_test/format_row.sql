{#-
  One row of a fixture as SQL expressions by column.

  Differs from dbt's own macro, which strips the length of `character varying` only: no text of a fixture is cut to the
  width of the actual column, and no expected number or time is rounded to its digits.

  Args:
    row (dict): values of the fixture by column
    column_name_to_data_types (dict): types by column name in lower case
  Returns: dict of expressions by column name in lower case
-#}
{%- macro format_row(row, column_name_to_data_types) -%}
  {% set formatted = {} %}
  {% set is_expected = model.resource_type == 'unit_test' %}
  {%- for name, value in row.items() -%}
    {% set name = name | lower %}
    {%- if name not in column_name_to_data_types %}
      {% set fixture = 'expected output' if is_expected else "'" ~ model.name ~ "'" %}
      {{ exceptions.raise_compiler_error(
        "Invalid column name: '" ~ name ~ "' in unit test fixture for " ~ fixture ~ "."
        ~ "\nAccepted columns for " ~ fixture ~ " are: " ~ (column_name_to_data_types.keys() | list)
      ) }}
    {%- endif -%}
    {%- set type = column_name_to_data_types[name] -%}
    {%- if is_expected -%}
      {%- set type = adapter.exact_type(type, value) -%}
    {%- endif -%}
    {%- if value is string -%}
      {%- set type = 'text' if type.split('(')[0] in ('char', 'varchar') else type -%}
      {%- set value = dbt.string_literal(dbt.escape_single_quotes(value)) -%}
    {%- elif value is none -%}
      {%- set value = 'null' -%}
    {%- endif -%}
    {%- do formatted.update({name: safe_cast(value, type) | trim}) -%}
  {%- endfor -%}
  {{ return(formatted) }}
{%- endmacro -%}
