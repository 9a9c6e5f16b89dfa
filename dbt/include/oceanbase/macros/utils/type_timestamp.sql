{#- A time without a zone, with microseconds. The server's own TIMESTAMP follows the session's time zone. -#}
{% macro oceanbase__type_timestamp() -%}
  {{ return('datetime(6)') }}
{%- endmacro %}
