{#- The columns and constraints of the model, for macros of a project that write their own CREATE TABLE. -#}
{% macro oceanbase__get_table_columns_and_constraints() -%}
  {{ oceanbase__columns_and_constraints(this) }}
{%- endmacro %}
