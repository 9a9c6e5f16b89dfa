{#-
  Return the name of a column in backticks. The package has columns named `database` and `schema`, which are reserved
  words of OceanBase.

  Args:
    name (str): the name of the column
  Returns: str
-#}
{% macro oceanbase__quote_identifier(name) -%}
  {{ return(adapter.quote(name)) }}
{%- endmacro %}
