{#-
  Return a quoted literal with a cast to its type: date, or datetime(6) if the literal has a time. Without the cast, the
  server's date functions would return a text. Any other SQL is returned unchanged.

  Args:
    expression (str): SQL
  Returns: str, SQL
-#}
{% macro oceanbase__date_literal(expression) -%}
  {%- set literal = expression | string | trim -%}
  {%- set quoted = modules.re.match("(['\"])([^'\"]*)\\1$", literal) -%}
  {%- if quoted is none -%}
    {{ expression }}
  {%- else -%}
    {%- set is_date = modules.re.match('([0-9]+[^0-9][0-9]+[^0-9][0-9]+|[0-9]{8})$', quoted.group(2) | trim) -%}
    cast({{ literal }} as {{ 'date' if is_date else 'datetime(6)' }})
  {%- endif -%}
{%- endmacro %}
