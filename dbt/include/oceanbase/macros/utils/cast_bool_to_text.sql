{#-
  The text true or false of 1 or 0. Any other number is written as a number: a column of type tinyint(1), which is the
  type of booleans, may hold it.
-#}
{% macro oceanbase__cast_bool_to_text(field) -%}
  case ({{ field }}) when 1 then 'true' when 0 then 'false' else cast(({{ field }}) as char) end
{%- endmacro %}
