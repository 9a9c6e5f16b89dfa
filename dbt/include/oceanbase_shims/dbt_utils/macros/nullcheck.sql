{#-
  Return a select list of columns in which an empty text is changed to NULL. The length of the text is compared with 0,
  because '' equals ' ' in OceanBase's usual collations: the package's own macro would also change blanks to NULL.

  Args:
    cols (list[Column]): the columns
  Returns: str, SQL
-#}
{% macro oceanbase__nullcheck(cols) -%}
  {%- for column in cols %}
  {% if column.is_string() -%}
  case when length({{ column.name }}) > 0 then {{ column.name }} end as {{ column.name }}
  {%- else -%}
  {{ column.name }}
  {%- endif -%}
  {{ ',' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}
