{#-
  Quote the name of a column. The package names columns `database` and `schema`, which are reserved words of OceanBase.

  Args:
    name (str)
  Returns: str, the name in backticks
-#}
{% macro oceanbase__quote_identifier(name) -%}
  {{ return(adapter.quote(name)) }}
{%- endmacro %}
