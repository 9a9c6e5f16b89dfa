{#-
  A query of the package with STDDEV_SAMP for the STDDEV of an argument, which is exact: the server adds up squares, in
  which floating point numbers lose what their deviation is. Raises an error if the query has no such STDDEV, because the
  package then computes the deviation in another way.

  Args:
    query (str)
    argument (str): SQL, as the query has it
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
