{#- Return the name that CAST has for a text of any length, `char`. -#}
{% macro oceanbase__type_string() -%}
  char
{%- endmacro %}
