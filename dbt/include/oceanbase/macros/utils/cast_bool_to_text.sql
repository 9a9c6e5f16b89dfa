{#-
  Return SQL that converts a boolean to text: true for 1, false for 0. Booleans have the type tinyint(1), and such a
  column may also hold other numbers. Another number becomes the text of the number.

  Args:
    field (str): SQL of the boolean
  Returns: str, SQL
-#}
{% macro oceanbase__cast_bool_to_text(field) -%}
  case ({{ field }}) when 1 then 'true' when 0 then 'false' else cast(({{ field }}) as char) end
{%- endmacro %}
