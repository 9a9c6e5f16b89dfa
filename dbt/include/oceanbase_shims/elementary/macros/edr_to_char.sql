{#-
  A time as text. Not every kernel of OceanBase has TO_CHAR.

  Args:
    column (str): SQL
    format (str | none): in the letters of DATE_FORMAT
-#}
{% macro oceanbase__edr_to_char(column, format) -%}
  date_format({{ column }}, {{ adapter.text_literal(format or '%Y-%m-%d %H:%i:%s') }})
{%- endmacro %}
