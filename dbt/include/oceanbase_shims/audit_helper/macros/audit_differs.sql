{#-
  The condition that two values differ, neither of them NULL. A text is compared byte for byte, since the server's usual
  collations fold case, accents and trailing blanks.

  Args:
    left (str): SQL
    right (str): SQL
-#}
{% macro oceanbase__audit_differs(left, right) -%}
  {{ adapter.unaccepted(left, [right], quoted=false) }}
{%- endmacro %}
