{#-
  The name of a schema in upper case.
-#}
{% macro oceanbase__full_schema_name() -%}
  upper(schema_name)
{%- endmacro %}
