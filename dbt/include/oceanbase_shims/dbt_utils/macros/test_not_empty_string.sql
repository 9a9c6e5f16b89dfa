{#-
  The rows whose text is empty. The length decides, because '' equals ' ' in OceanBase's usual collations.

  Args:
    model (Relation | str)
    column_name (str)
    trim_whitespace (bool): whether a text of blanks counts as empty
-#}
{% macro oceanbase__test_not_empty_string(model, column_name, trim_whitespace=true) -%}
  {%- set value = 'trim(' ~ column_name ~ ')' if trim_whitespace else column_name -%}
  select {{ value }} as {{ column_name }}
  from {{ model }}
  where length({{ value }}) = 0
{%- endmacro %}
