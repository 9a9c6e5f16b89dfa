{#- Return the names of a contract's columns in their order, for the SELECT that dbt puts around the model's SELECT. -#}
{% macro oceanbase__get_column_names() -%}
  {%- for column in model['columns'].values() -%}
    {{ adapter.quote(column.name) }}{{ ', ' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}
