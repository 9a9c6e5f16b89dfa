{#-
  Return SQL of an aggregate for a quantile of the numbers of a group. If the quantile lies between two values, it is
  interpolated, as by PERCENTILE_CONT in other databases. It is NULL if the group has no values.

  OceanBase has no such function. So the values are read from a sorted array of the group, in which NULL comes last.

  Args:
    field (str): SQL of the numbers
    quantile (float): a number from 0 to 1
    partition (str | none): must be none
  Returns: str, SQL
  Raises: a compiler error if partition is given, because the server makes no arrays of the rows of a window
-#}
{% macro oceanbase__quantile(field, quantile, partition) -%}
  {%- if partition and execute -%}
    {%- do exceptions.raise_compiler_error(
      'dbt_expectations: OceanBase has no PERCENTILE_CONT, and quantile computes one of groups only; leave out the '
      ~ 'partition ' ~ partition ~ ' and join the result of a query with group by'
    ) -%}
  {%- endif -%}
  {%- set values = 'array_sort(array_agg(cast(' ~ field ~ ' as double)))' -%}
  {#- The place is a double, because in a table the server rounds differences of decimals. -#}
  {%- set place = '(greatest(count(' ~ field ~ '), 1) - 1) * cast(' ~ quantile ~ ' as double)' -%}
  {%- set below = 'element_at(' ~ values ~ ', cast(floor(' ~ place ~ ') + 1 as signed))' -%}
  {%- set above = 'element_at(' ~ values ~ ', cast(ceil(' ~ place ~ ') + 1 as signed))' -%}
  ({{ below }} + ({{ place }} - floor({{ place }})) * ({{ above }} - {{ below }}))
{%- endmacro %}
