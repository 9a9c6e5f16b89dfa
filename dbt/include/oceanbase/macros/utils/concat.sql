{#- NULL if a part is NULL, as with || in other databases. Here || is a logical OR. -#}
{% macro oceanbase__concat(fields) -%}
  concat({{ fields | join(', ') }})
{%- endmacro %}
