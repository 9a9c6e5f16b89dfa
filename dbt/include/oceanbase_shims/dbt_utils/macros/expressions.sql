{#-
  Return the expressions of a list in SQL, which are separated by commas. Commas in brackets, in texts and in quoted
  names separate nothing.

  Args:
    text (str): the list, such as `k, coalesce(a, b)`
  Returns: list[str]
-#}
{% macro oceanbase__expressions(text) -%}
  {%- set parts, state = [''], namespace(depth=0) -%}
  {%- for token in modules.re.findall("'(?:[^'\\\\]|\\\\.)*'|\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`|.", text, modules.re.S) -%}
    {%- if token == ',' and state.depth == 0 -%}
      {%- do parts.append('') -%}
    {%- else -%}
      {%- set state.depth = state.depth + (1 if token in '([' else -1 if token in ')]' else 0) -%}
      {%- do parts.append(parts.pop() ~ token) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- do return(parts | map('trim') | list) -%}
{%- endmacro %}
