{#-
  Return the name that CAST has for a text of any length, `char`, because packages write cast(x as type_string()). In a
  column definition, char means one character, so write text instead.
-#}
{% macro oceanbase__type_string() -%}
  {{ return('char') }}
{%- endmacro %}
