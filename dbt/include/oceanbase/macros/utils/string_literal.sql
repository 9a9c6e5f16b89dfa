{#- Return a text as an SQL literal. A text that comes from escape_single_quotes is not escaped again. -#}
{% macro oceanbase__string_literal(value) -%}
  {{ return(adapter.text_literal(value)) }}
{%- endmacro %}
