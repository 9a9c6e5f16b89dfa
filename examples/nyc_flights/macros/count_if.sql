{#- Number of rows that satisfy a condition, as a bigint: sum() of 0 and 1 would be a decimal(33, 0). -#}
{% macro count_if(condition) -%}
  count(case when {{ condition }} then 1 end)
{%- endmacro %}
