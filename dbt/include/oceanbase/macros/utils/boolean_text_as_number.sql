{#-
  The text '1' or '0' for a text that PostgreSQL reads as a boolean, and for a value of bit(1). Any other value as text
  in lower case.
-#}
{% macro oceanbase__boolean_text_as_number(field) -%}
  regexp_replace(regexp_replace(lower(trim(cast({{ field }} as char))), '^(t|true|y|yes|on|{{ "\x01" }})$', '1'), '^(f|false|n|no|off|\0)$', '0')
{%- endmacro %}
