{#-
  Return the condition that two texts are equal byte for byte, whatever their character sets and collations are. Two
  NULLs are equal.

  Args:
    left (str): SQL of a text
    right (str): SQL of a text
  Returns: str, SQL
-#}
{% macro oceanbase__same_text(left, right) -%}
  cast(convert({{ left }} using utf8mb4) as binary) <=> cast(convert({{ right }} using utf8mb4) as binary)
{%- endmacro %}
