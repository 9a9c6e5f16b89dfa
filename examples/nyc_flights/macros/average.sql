{#- Mean of a numeric expression, rounded once, to two decimals.
    A quotient has only four more decimals than its dividend, so the dividend is widened first. -#}
{% macro average(expression) -%}
  cast(avg(cast({{ expression }} as decimal(20, 6))) as decimal(12, 2))
{%- endmacro %}
