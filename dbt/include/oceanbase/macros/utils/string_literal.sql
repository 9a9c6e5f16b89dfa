{#- A text as a literal; what comes from escape_single_quotes is not escaped again. -#}
{% macro oceanbase__string_literal(value) -%}
  {{ return(adapter.text_literal(value)) }}
{%- endmacro %}
