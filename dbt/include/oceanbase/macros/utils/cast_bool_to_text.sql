{% macro oceanbase__cast_bool_to_text(field) -%}
  case ({{ field }}) <> 0 when true then 'true' when false then 'false' end
{%- endmacro %}
