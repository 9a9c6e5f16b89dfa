{#-
  Return the query of a data test. The optimizer hints in the configs of the test are put into the test's own SELECT.
  The arguments are those of dbt's macro.
-#}
{% macro oceanbase__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
  {{ default__get_test_sql(adapter.with_query_hints(main_sql, config), fail_calc, warn_if, error_if, limit) }}
{%- endmacro %}
