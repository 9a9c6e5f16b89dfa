{#-
  Quote the name of a column.

  Args:
    keyword (str)
-#}
{% macro oceanbase__escape_keywords(keyword) -%}
  {{ return(adapter.quote(keyword | trim)) }}
{%- endmacro %}
