{#-
  Return the schemas of the project's nodes in upper case, as a list in parentheses for SQL's IN. If there are no nodes,
  the list has only an empty text.
-#}
{% macro oceanbase__configured_schemas_from_graph_as_tuple() -%}
  {%- set schemas = [] -%}
  {%- for _, schema in elementary.get_configured_schemas_from_graph() -%}
    {%- do schemas.append(adapter.text_literal(schema | upper)) -%}
  {%- endfor -%}
  {{ return('(' ~ (schemas or ["''"]) | join(', ') ~ ')') }}
{%- endmacro %}
