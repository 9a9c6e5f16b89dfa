{#- Return SQL for the number of characters of a text. The server's own LENGTH counts bytes. -#}
{% macro oceanbase__length(expression) -%}
  char_length({{ expression }})
{%- endmacro %}
