{#-
  Return SQL for the beginning of the period in which a time lies, by dbt.date_trunc. OceanBase has no DATE_TRUNC.

  Args:
    date_part (str): the period, such as day
    date_expression (str): SQL of the time
  Returns: str, SQL
-#}
{% macro oceanbase__edr_time_trunc(date_part, date_expression) -%}
  {{ elementary.edr_cast_as_timestamp(
    dbt.date_trunc(date_part, elementary.edr_cast_as_timestamp(date_expression))
  ) }}
{%- endmacro %}
