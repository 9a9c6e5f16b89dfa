{#-
  Check whether the name of a column must be quoted. The list has the words that the package uses as names of columns
  and that OceanBase reserves.

  Args:
    keyword (str): the name of the column
  Returns: bool
-#}
{% macro oceanbase__is_reserved_keywords(keyword) -%}
  {{ return(keyword | trim | lower in ('sql', 'rank', 'key', 'order', 'group', 'condition', 'interval')) }}
{%- endmacro %}
