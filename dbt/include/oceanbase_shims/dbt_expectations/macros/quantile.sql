{#-
  A quantile of the numbers of a group, between two values as PERCENTILE_CONT has it, or NULL without values. OceanBase
  has no function for it; the sorted array of the values, where NULL comes last, has them at their places.

  Raises an error for a window, since the server makes no arrays of one.

  Args:
    field (str): SQL
    quantile (float): from 0 to 1
    partition (str | none): SQL
-#}
{% macro oceanbase__quantile(field, quantile, partition) -%}
  {%- if partition and execute -%}
    {%- do exceptions.raise_compiler_error(
      'dbt_expectations: OceanBase has no PERCENTILE_CONT, and quantile computes one of groups only; leave out the '
      ~ 'partition ' ~ partition ~ ' and join the result of a query with group by'
    ) -%}
  {%- endif -%}
  {%- set values = 'array_sort(array_agg(cast(' ~ field ~ ' as double)))' -%}
  {#- as a double: in a table, the server rounds differences of decimals -#}
  {%- set place = '(greatest(count(' ~ field ~ '), 1) - 1) * cast(' ~ quantile ~ ' as double)' -%}
  {%- set below = 'element_at(' ~ values ~ ', cast(floor(' ~ place ~ ') + 1 as signed))' -%}
  {%- set above = 'element_at(' ~ values ~ ', cast(ceil(' ~ place ~ ') + 1 as signed))' -%}
  ({{ below }} + ({{ place }} - floor({{ place }})) * ({{ above }} - {{ below }}))
{%- endmacro %}
