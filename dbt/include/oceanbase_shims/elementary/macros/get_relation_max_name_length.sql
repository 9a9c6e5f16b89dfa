{#- Return how many characters the name of a table may have. -#}
{% macro oceanbase__get_relation_max_name_length() -%}
  {{ return(64) }}
{%- endmacro %}
