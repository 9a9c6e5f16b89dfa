{#-
  Return the name and the type of a column. The type has its length, precision and scale, because a contract needs them:
  `decimal` alone has no digits after the point.

  Args:
    column (Column)
  Returns: dict with name (str), data_type (str) and formatted (str, the name in lower case, a blank and the type)
-#}
{% macro oceanbase__format_column(column) -%}
  {%- set type = 'boolean' if column.data_type == 'boolean' else column.data_type | string -%}
  {{ return({'name': column.name, 'data_type': type, 'formatted': column.column | lower ~ ' ' ~ type}) }}
{%- endmacro %}
