{#- The name that CAST takes, since packages write cast(x as type_bigint()). A column definition takes bigint. -#}
{% macro oceanbase__type_bigint() -%}
  {{ return('signed') }}
{%- endmacro %}
