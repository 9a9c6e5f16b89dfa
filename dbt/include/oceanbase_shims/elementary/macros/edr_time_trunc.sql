{#-
  The beginning of the period that a time is in. OceanBase has no DATE_TRUNC.

  Args:
    date_part (str)
    date_expression (str): SQL
-#}
{% macro oceanbase__edr_time_trunc(date_part, date_expression) -%}
  {{ elementary.edr_cast_as_timestamp(
    dbt.date_trunc(date_part, elementary.edr_cast_as_timestamp(date_expression))
  ) }}
{%- endmacro %}
