{#-
  Return a boolean without the cast to boolean in which the package puts a column. A boolean is a number for the server,
  and the cast would be rewritten to slow functions of text and JSON.

  Args:
    expr (str): SQL of the boolean
  Returns: str, SQL
-#}
{% macro oceanbase__without_boolean_cast(expr) -%}
  {{ return(modules.re.sub('(?is)^\\s*cast\\(((?:(?! as boolean\\)).)*) as boolean\\)\\s*$', '\\1', expr)) }}
{%- endmacro %}
