{#- NULL where a part is NULL, as with || elsewhere (here that is a logical OR). -#}
{% macro oceanbase__concat(fields) -%}
  concat({{ fields | join(', ') }})
{%- endmacro %}
