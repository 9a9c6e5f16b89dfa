{#- part / whole in percent, with two decimals; NULL when whole is 0. -#}
{% macro percentage(part, whole) -%}
  cast(100.000000 * ({{ part }}) / nullif({{ whole }}, 0) as decimal(5, 2))
{%- endmacro %}
