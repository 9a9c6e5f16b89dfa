{#-
  Return the type of a text of any length. The column of a table becomes a MEDIUMTEXT.
-#}
{% macro oceanbase__edr_type_long_string() -%}
  {{ return('char(65535)') }}
{%- endmacro %}
