{#-
  The name of an integer in CAST, because packages write cast(x as type_int()). In a column
  definition, write int.
-#}
{% macro oceanbase__type_int() -%}
  {{ return('signed') }}
{%- endmacro %}
