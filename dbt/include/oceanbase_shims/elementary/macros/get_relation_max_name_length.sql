{#- Return the maximum number of characters in the name of a table. -#}
{% macro oceanbase__get_relation_max_name_length() -%}
  {{ return(64) }}
{%- endmacro %}
