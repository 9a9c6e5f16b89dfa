{#-
  Return the type of a boolean column, `boolean`. CAST has no type for booleans, so cast(x as type_boolean()) is a
  syntax error. This is better than cast('true' as signed), which would be 0 without an error. Use dbt.cast(x,
  type_boolean()).
-#}
{% macro oceanbase__type_boolean() -%}
  {{ return('boolean') }}
{%- endmacro %}
