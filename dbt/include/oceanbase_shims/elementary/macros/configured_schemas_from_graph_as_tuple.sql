{#-
  The schemas of the project's nodes, as a list for IN.
-#}
{% macro oceanbase__configured_schemas_from_graph_as_tuple() -%}
  {%- set schemas = [] -%}
  {%- for _, schema in elementary.get_configured_schemas_from_graph() -%}
    {%- do schemas.append(adapter.text_literal(schema | upper)) -%}
  {%- endfor -%}
  {{ return('(' ~ (schemas or ["''"]) | join(', ') ~ ')') }}
{%- endmacro %}
