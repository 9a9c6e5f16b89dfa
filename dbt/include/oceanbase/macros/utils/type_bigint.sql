{#-
  Return the name that CAST has for bigint, `signed`, because packages write cast(x as type_bigint()). In a column
  definition, write bigint instead.
-#}
{% macro oceanbase__type_bigint() -%}
  {{ return('signed') }}
{%- endmacro %}
