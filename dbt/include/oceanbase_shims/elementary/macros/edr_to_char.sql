{#-
  Return SQL for a time as text, by DATE_FORMAT. Not every kernel of OceanBase has TO_CHAR.

  Args:
    column (str): SQL of the time
    format (str | none): a format of DATE_FORMAT; none for the form 2024-12-31 23:59:59
  Returns: str, SQL
-#}
{% macro oceanbase__edr_to_char(column, format) -%}
  date_format({{ column }}, {{ adapter.text_literal(format or '%Y-%m-%d %H:%i:%s') }})
{%- endmacro %}
