{#-
  Return SQL for the number of characters of the longest text of a column. The server's own LENGTH, which the
  package uses, counts bytes.

  Args:
    column_name (str): SQL of the texts
  Returns: str, SQL
-#}
{% macro oceanbase__max_length(column_name) -%}
  max(char_length({{ column_name }}))
{%- endmacro %}
