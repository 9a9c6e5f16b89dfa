{#-
  A quantile of the numbers of a group, interpolated between two values as by PERCENTILE_CONT, or NULL without values.
  OceanBase has no such function. The values are read from a sorted array of the group, in which NULL comes last.

  Raises an error if partition is given, because the server makes no arrays of the rows of a window.

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
