{#- True where a row is true, false where one is false and none is true, NULL where all are NULL, as in PostgreSQL. -#}
{% macro oceanbase__bool_or(expression) -%}
  max(({{ expression }}) <> 0)
{%- endmacro %}
