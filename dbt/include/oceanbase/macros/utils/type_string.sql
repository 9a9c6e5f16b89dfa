{#-
  The name that CAST takes for text of any length, since packages write cast(x as type_string()). In a column definition
  it means one character: use text there.
-#}
{% macro oceanbase__type_string() -%}
  {{ return('char') }}
{%- endmacro %}
