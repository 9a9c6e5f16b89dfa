{#- The type that CAST takes for a text of any length. -#}
{% macro oceanbase__type_string() -%}
  char
{%- endmacro %}
