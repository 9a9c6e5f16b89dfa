{#-
  Check whether a column of the package has to be quoted: its name is a reserved word of OceanBase.

  Args:
    keyword (str)
-#}
{% macro oceanbase__is_reserved_keywords(keyword) -%}
  {{ return(keyword | trim | lower in ('sql', 'rank', 'key', 'order', 'group', 'condition', 'interval')) }}
{%- endmacro %}
