{#-
  Return the name of a column in backticks.

  Args:
    keyword (str): the name
  Returns: str
-#}
{% macro oceanbase__escape_keywords(keyword) -%}
  {{ return(adapter.quote(keyword | trim)) }}
{%- endmacro %}
