{#-
  Return SQL of an aggregate: true if the expression is true in a row, NULL if it is NULL in all rows, and otherwise
  false, as in PostgreSQL.
-#}
{% macro oceanbase__bool_or(expression) -%}
  max(({{ expression }}) <> 0)
{%- endmacro %}
