{#- A date from numbers: (2013, 1, 7) is 2013-01-07. -#}
{% macro date_from_parts(year, month, day) -%}
  cast(concat_ws('-', {{ year }}, lpad({{ month }}, 2, '0'), lpad({{ day }}, 2, '0')) as date)
{%- endmacro %}
