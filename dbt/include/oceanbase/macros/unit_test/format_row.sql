{#-
  Return one row of a unit test's fixture as SQL expressions.

  dbt's own macro casts every value to the type of its column. If a value does not fit the type, the server then returns
  NULL, 0 or a rounded value. With this macro, values keep every digit.

  Args:
    row (dict): the values of the row by column name
    column_name_to_data_types (dict): the types of the columns by name in lower case
  Returns: dict of SQL expressions by column name in lower case
  Raises: an error if a column does not exist, or if a row names a column twice, or if a value is not a value
    of the column's type
-#}
{%- macro format_row(row, column_name_to_data_types) -%}
  {% set formatted = {} %}
  {% set fixture = 'expected output' if model.resource_type == 'unit_test' else "'" ~ model.name ~ "'" %}
  {%- for name, value in row.items() -%}
    {% set name = name | lower %}
    {%- if name not in column_name_to_data_types %}
      {{ exceptions.raise_compiler_error(
        "Invalid column name: '" ~ name ~ "' in unit test fixture for " ~ fixture ~ "."
        ~ "\nAccepted columns for " ~ fixture ~ " are: " ~ (column_name_to_data_types.keys() | list)
      ) }}
    {%- elif name in formatted %}
      {{ exceptions.raise_compiler_error(
        "unit test fixture for " ~ fixture ~ ": a row names the column " ~ name ~ " twice: remove one of them"
      ) }}
    {%- endif -%}
    {%- do formatted.update(
      {name: adapter.fixture_value(fixture, row, name, value, column_name_to_data_types[name])}
    ) -%}
  {%- endfor -%}
  {{ return(formatted) }}
{%- endmacro -%}
