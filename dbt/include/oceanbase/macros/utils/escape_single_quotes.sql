{#-
  A text for use between single quotes: quotes and backslashes are doubled, since the server reads both as escapes.

  The result is marked as escaped, so that dbt's idiom string_literal(escape_single_quotes(x)) does not double them
  again.
-#}
{% macro oceanbase__escape_single_quotes(expression) -%}
  {{ return(adapter.escape_text(expression)) }}
{%- endmacro %}
