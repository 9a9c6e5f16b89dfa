{#-
  Return the columns and constraints of the model's contract. The adapter does not call this macro; a project may call
  it in its own CREATE TABLE.
-#}
{% macro oceanbase__get_table_columns_and_constraints() -%}
  {{ oceanbase__columns_and_constraints(this) }}
{%- endmacro %}
