{#- The columns of a contract with their types only, for a staging table: the target has the constraints. -#}
{% macro oceanbase__contract_column_types() -%}
  (
  {%- for column in model['columns'].values() -%}
    {{ adapter.quote(column.name) }} {{ api.Column.ddl_type(column.data_type) }}{{ ', ' if not loop.last }}
  {%- endfor -%}
  )
{%- endmacro %}
