{#- The number of characters. The server's own LENGTH counts bytes. -#}
{% macro oceanbase__length(expression) -%}
  char_length({{ expression }})
{%- endmacro %}
