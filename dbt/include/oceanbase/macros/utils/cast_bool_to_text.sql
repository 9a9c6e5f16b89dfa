{#-
  The text true for 1 and false for 0. Any other number becomes the text of the number. A column of type tinyint(1),
  which is the type of booleans, may hold such a number.
-#}
{% macro oceanbase__cast_bool_to_text(field) -%}
  case ({{ field }}) when 1 then 'true' when 0 then 'false' else cast(({{ field }}) as char) end
{%- endmacro %}
