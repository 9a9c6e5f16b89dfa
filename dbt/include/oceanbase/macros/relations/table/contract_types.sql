{#- The columns of a contract with their types only: what is staged is held to the constraints where it goes. -#}
{% macro oceanbase__contract_types() -%}
  (
  {%- for column in model['columns'].values() -%}
    {{ adapter.quote(column.name) }} {{ api.Column.ddl_type(column.data_type) }}{{ ', ' if not loop.last }}
  {%- endfor -%}
  )
{%- endmacro %}
