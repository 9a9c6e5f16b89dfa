{#- True if a row is true, false if one is false and none is true, NULL if all are NULL, as in PostgreSQL. -#}
{% macro oceanbase__bool_or(expression) -%}
  max(({{ expression }}) <> 0)
{%- endmacro %}
