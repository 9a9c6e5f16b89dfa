{#-
  Return SQL that converts a value to text in lower case, without spaces at its ends. The words t, true, y, yes and on
  become '1', and the words f, false, n, no and off become '0'. A value of bit(1) becomes '1' or '0' too.

  Args:
    field (str): SQL of the value
  Returns: str, SQL
-#}
{% macro oceanbase__boolean_text_as_number(field) -%}
  regexp_replace(regexp_replace(lower(trim(cast({{ field }} as char))), '^(t|true|y|yes|on|{{ "\x01" }})$', '1'), '^(f|false|n|no|off|\0)$', '0')
{%- endmacro %}
