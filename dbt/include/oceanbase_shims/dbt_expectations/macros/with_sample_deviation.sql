{#-
  Return a query of the package in which STDDEV of an argument is replaced by STDDEV_SAMP of the argument as a DECIMAL.
  The DECIMAL is needed because the server adds up squares. For floating point numbers, the sums would lose the digits
  on which the deviation depends.

  Args:
    query (str): the package's query
    argument (str): SQL of the argument, written as in the query
  Returns: str, SQL
  Raises: a compiler error if the query has no STDDEV of the argument, because this version of the package then computes
    the deviation in another way
-#}
{% macro oceanbase__with_sample_deviation(query, argument) -%}
  {%- set exact = 'stddev_samp(cast(' ~ argument ~ ' as decimal(65, 30)))' -%}
  {%- set replaced = query | replace('stddev(' ~ argument ~ ')', exact) -%}
  {%- if execute and exact not in replaced -%}
    {%- do exceptions.raise_compiler_error(
      'dbt_expectations: this version of the package has no STDDEV in a test of standard deviations, which the adapter '
      ~ 'replaces by STDDEV_SAMP; use another version, or set package_shims: false'
    ) -%}
  {%- endif -%}
  {{ replaced }}
{%- endmacro %}
