{% macro oceanbase__type_float() -%}
  {{ return('double') }}
{%- endmacro %}
