{#- A text as a literal. The result of escape_single_quotes is not escaped again. -#}
{% macro oceanbase__string_literal(value) -%}
  {{ return(adapter.text_literal(value)) }}
{%- endmacro %}
