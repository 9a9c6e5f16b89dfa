{#-
  Return the type of a time with microseconds and without a zone, `datetime(6)`. The server's own TIMESTAMP is not used,
  because its value depends on the session's time zone.
-#}
{% macro oceanbase__type_timestamp() -%}
  {{ return('datetime(6)') }}
{%- endmacro %}
