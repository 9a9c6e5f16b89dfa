{#- The current time in UTC as datetime(6), even if the session has another time zone. -#}
{% macro oceanbase__current_timestamp() -%}
  utc_timestamp(6)
{%- endmacro %}

{% macro oceanbase__snapshot_get_time() -%}
  utc_timestamp(6)
{%- endmacro %}

{% macro oceanbase__snapshot_string_as_time(timestamp) -%}
  {{ return("cast('" ~ timestamp ~ "' as datetime(6))") }}
{%- endmacro %}

{% macro oceanbase__current_timestamp_backcompat() -%}
  utc_timestamp(6)
{%- endmacro %}

{% macro oceanbase__current_timestamp_in_utc_backcompat() -%}
  utc_timestamp(6)
{%- endmacro %}
