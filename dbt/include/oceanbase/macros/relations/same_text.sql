{#- The condition for two texts to be the same byte for byte, whatever their character sets and collations. -#}
{% macro oceanbase__same_text(left, right) -%}
  cast(convert({{ left }} using utf8mb4) as binary) <=> cast(convert({{ right }} using utf8mb4) as binary)
{%- endmacro %}
