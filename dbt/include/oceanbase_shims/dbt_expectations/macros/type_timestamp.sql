{#-
  Return the type of a time for CAST, `datetime(6)`. CAST refuses TIMESTAMP, and DATETIME without the 6 would lose the
  fraction of a second.
-#}
{% macro oceanbase__type_timestamp() -%}
  datetime(6)
{%- endmacro %}
