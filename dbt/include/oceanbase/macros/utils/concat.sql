{#-
  Texts joined by CONCAT. The result is NULL if one of them is NULL, as with || in other databases. Here || means OR.
-#}
{% macro oceanbase__concat(fields) -%}
  concat({{ fields | join(', ') }})
{%- endmacro %}
