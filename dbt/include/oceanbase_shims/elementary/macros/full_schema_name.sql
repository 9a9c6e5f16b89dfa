{#-
  Return SQL for the name of a schema in upper case. The query that contains the SQL must have the column schema_name.
-#}
{% macro oceanbase__full_schema_name() -%}
  upper(schema_name)
{%- endmacro %}
