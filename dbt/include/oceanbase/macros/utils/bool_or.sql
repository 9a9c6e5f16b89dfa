{#- True if the expression is true in a row, NULL if it is NULL in all rows, else false, as in PostgreSQL. -#}
{% macro oceanbase__bool_or(expression) -%}
  max(({{ expression }}) <> 0)
{%- endmacro %}
