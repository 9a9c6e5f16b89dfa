{#-
  Select the values of a column that are an empty text. The length of the text is compared with 0, because '' equals ' '
  in OceanBase's usual collations.

  Args:
    model (Relation | str)
    column_name (str)
    trim_whitespace (bool): whether a text that consists of blanks counts as empty
-#}
{% macro oceanbase__test_not_empty_string(model, column_name, trim_whitespace=true) -%}
  {%- set value = 'trim(' ~ column_name ~ ')' if trim_whitespace else column_name -%}
  select {{ value }} as {{ column_name }}
  from {{ model }}
  where length({{ value }}) = 0
{%- endmacro %}
