{#-
  Select the values of a column that are an empty text. The length of the text is compared with 0, because '' equals ' '
  in OceanBase's usual collations. With the config `collation: server`, the text is compared with '' by its collation. A
  value of another type is compared as its text, because the number 0 equals ''.

  Args:
    model (Relation | str)
    column_name (str)
    trim_whitespace (bool): whether a text that consists of blanks counts as empty
-#}
{% macro oceanbase__test_not_empty_string(model, column_name, trim_whitespace=true) -%}
  {%- set value = 'trim(' ~ column_name ~ ')' if trim_whitespace else column_name -%}
  select {{ value }} as {{ column_name }}
  from {{ model }}
  where {% if oceanbase__compares_by_collation() %}concat({{ value }}) = ''{% else %}length({{ value }}) = 0{% endif %}
{%- endmacro %}
