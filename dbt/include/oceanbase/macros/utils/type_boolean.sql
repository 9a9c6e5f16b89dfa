{#-
  A column type. CAST has no type for booleans: cast(x as type_boolean()) is a syntax error, which is better than
  cast('true' as signed), which is 0. Use dbt.cast(x, type_boolean()).
-#}
{% macro oceanbase__type_boolean() -%}
  {{ return('boolean') }}
{%- endmacro %}
