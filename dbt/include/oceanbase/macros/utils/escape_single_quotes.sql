{#-
  Return a text for use between single quotes. Its quotes and backslashes are doubled, because the server would read a
  single one as the end of the text or as an escape.

  The result is marked as escaped, so that string_literal(escape_single_quotes(x)), which dbt's macros use, does not
  double them again.

  Args:
    expression (str): the text
  Returns: str
-#}
{% macro oceanbase__escape_single_quotes(expression) -%}
  {{ return(adapter.escape_text(expression)) }}
{%- endmacro %}
