{#-
  A column type. CAST knows none for booleans: cast('true' as signed) would be 0 without an error, so
  cast(x as type_boolean()) is left a syntax error; dbt.cast(x, type_boolean()) reads booleans.
-#}
{% macro oceanbase__type_boolean() -%}
  {{ return('boolean') }}
{%- endmacro %}
