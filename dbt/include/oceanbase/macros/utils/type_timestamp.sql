{#- A time without a zone, to the microsecond; the server's own TIMESTAMP follows the session's time zone. -#}
{% macro oceanbase__type_timestamp() -%}
  {{ return('datetime(6)') }}
{%- endmacro %}
