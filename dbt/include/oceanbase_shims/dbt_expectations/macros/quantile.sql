{#-
  Raise an error, since OceanBase has no function for a quantile that is part of a larger expression.

  Args:
    field (str): SQL
    quantile (float)
    partition (str | none): SQL
-#}
{% macro oceanbase__quantile(field, quantile, partition) -%}
  {%- if execute -%}
    {%- do exceptions.raise_compiler_error(
      'dbt_expectations: OceanBase has no PERCENTILE_CONT, so there is no quantile or median of ' ~ field
      ~ '; disable the test, or write one of your own that numbers the rows with row_number()'
    ) -%}
  {%- endif -%}
{%- endmacro %}
