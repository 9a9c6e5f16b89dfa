{#-
  Return SQL for the number of characters of the shortest text of a column. The server's own LENGTH, which the
  package uses, counts bytes.

  Args:
    column_name (str): SQL of the texts
  Returns: str, SQL
-#}
{% macro oceanbase__min_length(column_name) -%}
  min(char_length({{ column_name }}))
{%- endmacro %}
