{#-
  A list for GROUP BY and ORDER BY: each column, and the bytes of its text. So different texts are not taken for equal,
  whatever their collation.

  Args:
    columns (list[str]): SQL of each column
-#}
{% macro oceanbase__audit_bytes(columns) -%}
  {%- for column in columns -%}
    {{ column }}, {{ adapter.bytes_of_text(column) }}{{ ', ' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}
