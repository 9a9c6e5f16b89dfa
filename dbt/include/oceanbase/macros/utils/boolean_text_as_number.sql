{#-
  A value as text in lower case. A text that PostgreSQL reads as a boolean (such as yes or f) becomes '1' or '0', and so
  does a value of bit(1).
-#}
{% macro oceanbase__boolean_text_as_number(field) -%}
  regexp_replace(regexp_replace(lower(trim(cast({{ field }} as char))), '^(t|true|y|yes|on|{{ "\x01" }})$', '1'), '^(f|false|n|no|off|\0)$', '0')
{%- endmacro %}
