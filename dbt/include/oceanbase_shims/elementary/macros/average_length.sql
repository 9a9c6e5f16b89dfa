{#-
  Return SQL for the average number of characters of the texts of a column. The server's own LENGTH, which the
  package uses, counts bytes.

  Args:
    column_name (str): SQL of the texts
  Returns: str, SQL
-#}
{% macro oceanbase__average_length(column_name) -%}
  avg(char_length({{ column_name }}))
{%- endmacro %}
