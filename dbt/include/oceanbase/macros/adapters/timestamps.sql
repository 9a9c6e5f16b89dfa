{#- Return SQL for the current time in UTC as datetime(6), whatever time zone the session has. -#}
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
