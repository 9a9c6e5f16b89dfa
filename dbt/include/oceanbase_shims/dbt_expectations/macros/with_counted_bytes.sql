{#-
  Return an expression in which COUNT(DISTINCT x) of a column x counts texts byte for byte. By the server's collation,
  'A' and 'a' would be one value. COUNT(DISTINCT ...) of anything but the name of a column stays as it is. With the
  config `collation: server`, the whole expression does.

  Args:
    expression (str): SQL of the expression
  Returns: str, SQL
  Raises: a compiler error if the config `collation` has an unknown value
-#}
{% macro oceanbase__with_counted_bytes(expression) -%}
  {%- if oceanbase__compares_by_collation() -%}
    {{ return(expression) }}
  {%- endif -%}
  {#- COUNT(DISTINCT x, y) leaves out rows in which x or y is NULL -#}
  {%- set counted = "count(distinct \\1, coalesce(" ~ adapter.bytes_of_text('\\1') ~ ", ''))" -%}
  {{ return(modules.re.sub('(?i)\\bcount\\(distinct ([\\w$.]+|`[^`]+`)\\)', counted, expression | string)) }}
{%- endmacro %}
