{#-
  Return the name that CAST has for an integer, `signed`, because packages write cast(x as type_int()). In a column
  definition, write int instead.
-#}
{% macro oceanbase__type_int() -%}
  {{ return('signed') }}
{%- endmacro %}
