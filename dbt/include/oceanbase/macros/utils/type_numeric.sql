{% macro oceanbase__type_numeric() -%}
  {{ return('decimal(28,6)') }}
{%- endmacro %}
