{#-
  The name of bigint in CAST, because packages write cast(x as type_bigint()). In a column
  definition, write bigint.
-#}
{% macro oceanbase__type_bigint() -%}
  {{ return('signed') }}
{%- endmacro %}
