{#-
  A query of the package with STDDEV_SAMP for each STDDEV, also for those in the arguments of the test. Raises an error if
  the query has neither, because the package then computes the deviation in another way.

  Args:
    query (str)
-#}
{% macro oceanbase__with_sample_deviation(query) -%}
  {%- set replaced = modules.re.sub('(?i)\\bstddev[(]', 'stddev_samp(', query) -%}
  {%- if execute and 'stddev_samp(' not in replaced -%}
    {%- do exceptions.raise_compiler_error(
      'dbt_expectations: this version of the package has no STDDEV in a test of standard deviations, which the adapter '
      ~ 'replaces by STDDEV_SAMP; use another version, or set package_shims: false'
    ) -%}
  {%- endif -%}
  {{ replaced }}
{%- endmacro %}
