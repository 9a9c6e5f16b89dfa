{#-
  Return a list of expressions for GROUP BY and ORDER BY: each column, and the bytes of its text. Texts that are equal
  for the server's collation, such as 'A' and 'a', are then different.

  Args:
    columns (list[str]): SQL of each column
  Returns: str, SQL
-#}
{% macro oceanbase__audit_bytes(columns) -%}
  {%- for column in columns -%}
    {{ column }}, {{ adapter.bytes_of_text(column) }}{{ ', ' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}
