{#- Minutes after midnight of a clock reading written as a number: 517 (05:17) is 317, and 2400 is 0, as 0 is. -#}
{% macro hhmm_to_minutes(clock) -%}
  mod(({{ clock }} div 100) * 60 + mod({{ clock }}, 100), 1440)
{%- endmacro %}
