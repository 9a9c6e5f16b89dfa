{#- Return the type of a point in time. CAST refuses TIMESTAMP; the fraction of a second is kept. -#}
{% macro oceanbase__type_timestamp() -%}
  datetime(6)
{%- endmacro %}
