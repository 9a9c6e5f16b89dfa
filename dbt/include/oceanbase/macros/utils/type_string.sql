{#-
  The name that CAST takes for text without a limit: packages write cast(x as type_string()). In a column definition
  it would be one character: write text there.
-#}
{% macro oceanbase__type_string() -%}
  {{ return('char') }}
{%- endmacro %}
