{#-
  A text for use between single quotes: quotes and backslashes, which the server reads as escapes, are doubled.

  What comes back is marked as done, so that string_literal(escape_single_quotes(x)), which is dbt's own idiom, does
  not double them again.
-#}
{% macro oceanbase__escape_single_quotes(expression) -%}
  {{ return(adapter.escape_text(expression)) }}
{%- endmacro %}
