{#-
  A column's name and type, as in its definition. The type has its length, precision and scale, which a contract needs:
  `decimal` alone has no digits after the point.

  Args:
    column (Column)
  Returns: dict with name, data_type and formatted, which is the name in lower case and the type
-#}
{% macro oceanbase__format_column(column) -%}
  {%- set type = 'boolean' if column.data_type == 'boolean' else column.data_type | string -%}
  {{ return({'name': column.name, 'data_type': type, 'formatted': column.column | lower ~ ' ' ~ type}) }}
{%- endmacro %}
