{#-
  Return the type to which the package casts long texts: `char(65535)`. The server does not shorten longer texts in this
  CAST. A column of a table that is created from the CAST is a MEDIUMTEXT.
-#}
{% macro oceanbase__edr_type_long_string() -%}
  {{ return('char(65535)') }}
{%- endmacro %}
