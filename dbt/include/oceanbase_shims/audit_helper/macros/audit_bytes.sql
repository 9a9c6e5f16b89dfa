{#-
  Columns by which rows are grouped, numbered or sorted so that different texts stay apart, whatever their collation.

  Args:
    columns (list[str]): SQL
-#}
{% macro oceanbase__audit_bytes(columns) -%}
  {%- for column in columns -%}
    {{ column }}, {{ adapter.bytes_of_text(column) }}{{ ', ' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}
