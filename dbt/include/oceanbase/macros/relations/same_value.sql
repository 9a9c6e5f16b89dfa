{#- The condition for two values to be the same: null-safe, and for text byte for byte. -#}
{% macro oceanbase__same_value(left, right, as_text) -%}
  {%- if as_text -%}
    cast({{ left }} as binary) <=> cast({{ right }} as binary)
  {%- else -%}
    {{ left }} <=> {{ right }}
  {%- endif -%}
{%- endmacro %}
