{% macro oceanbase__drop_materialized_view(relation) -%}
  {{ relation.drop_statement() }}
{%- endmacro %}
