{#-
  A text of '1' or '0' for what PostgreSQL reads as a boolean, and for the values of a bit(1); any other value as
  text in lower case.
-#}
{% macro oceanbase__truth_as_number(field) -%}
  regexp_replace(regexp_replace(lower(trim(cast({{ field }} as char))), '^(t|true|y|yes|on|{{ "\x01" }})$', '1'), '^(f|false|n|no|off|\0)$', '0')
{%- endmacro %}
