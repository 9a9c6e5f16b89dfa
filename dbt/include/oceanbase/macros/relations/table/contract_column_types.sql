{#-
  Return the list of a contract's columns with their types and NOT NULL, for the CREATE TABLE of a staging table. Other
  constraints are not in the list.

  Args:
    left_out (list[str]): names, in lower case, of columns that are not in the list; they get the type of the query
    more (list[str]): definitions of columns in left_out that need another type than that of the query
  Returns: str, SQL in parentheses; empty if all columns are left out
-#}
{% macro oceanbase__contract_column_types(left_out=[], more=[]) -%}
  {%- set required = adapter.required_columns(model['columns'], model['constraints']) -%}
  {%- set columns = [] -%}
  {%- for column in model['columns'].values() if column.name | lower not in left_out -%}
    {%- do columns.append(adapter.quote(column.name) ~ ' ' ~ api.Column.ddl_type(column.data_type) ~ (' not null' if column.name in required else '')) -%}
  {%- endfor -%}
  {%- if columns or more -%} ({{ (columns + more) | join(', ') }}) {%- endif -%}
{%- endmacro %}
