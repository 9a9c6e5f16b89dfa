{#-
  Return the condition that two values differ. It is NULL if one of them is NULL. Texts are compared byte for byte,
  because the server's usual collations ignore case, accents and trailing blanks.

  Args:
    left (str): SQL of a value
    right (str): SQL of a value
  Returns: str, SQL
-#}
{% macro oceanbase__audit_differs(left, right) -%}
  {{ adapter.unaccepted(left, [right], quoted=false) }}
{%- endmacro %}
