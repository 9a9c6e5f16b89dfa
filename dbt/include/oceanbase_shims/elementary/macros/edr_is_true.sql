{#-
  Return SQL of the condition that a boolean is true. The package casts a column of booleans to boolean before. This
  cast is left out: a boolean is a number, and the cast would be rewritten to slow functions of text and JSON.

  Args:
    expr (str): SQL of the boolean
  Returns: str, SQL
-#}
{% macro oceanbase__edr_is_true(expr) -%}
  ({{ modules.re.sub('(?is)^\\s*cast\\(((?:(?! as boolean\\)).)*) as boolean\\)\\s*$', '\\1', expr) }} <> 0)
{%- endmacro %}
