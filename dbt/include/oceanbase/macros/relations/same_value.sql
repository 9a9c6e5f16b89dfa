{#-
  Return the condition that two values are equal. Two NULLs are equal.

  Args:
    left (str): SQL of a value
    right (str): SQL of a value
    as_text (bool): whether the bytes of the values are compared, instead of the values
  Returns: str, SQL
-#}
{% macro oceanbase__same_value(left, right, as_text) -%}
  {%- if as_text -%}
    cast({{ left }} as binary) <=> cast({{ right }} as binary)
  {%- else -%}
    {{ left }} <=> {{ right }}
  {%- endif -%}
{%- endmacro %}
