{% macro oceanbase__get_drop_sql(relation) -%}
  {{ relation.drop_statement() }}
{%- endmacro %}
