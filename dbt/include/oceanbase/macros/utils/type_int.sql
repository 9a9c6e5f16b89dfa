{#- The name that CAST takes, since packages write cast(x as type_int()). A column definition takes int. -#}
{% macro oceanbase__type_int() -%}
  {{ return('signed') }}
{%- endmacro %}
