{#-
  A query of the package, with STDDEV of an argument replaced by STDDEV_SAMP of the argument as a DECIMAL. The server
  adds up squares. For floating point numbers, the sums would lose the digits on which the deviation depends. Raises an
  error if the query has no such STDDEV, because the package then computes the deviation in another way.

  Args:
    query (str): the query of the package
    argument (str): SQL of the argument, written as in the query
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
