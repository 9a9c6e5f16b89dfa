{#-
  Return SQL that adds periods to a time, by dbt.dateadd. OceanBase has no DATEADD.

  Args:
    date_part (str): the period, such as day
    number (int | str): SQL of the number of periods
    timestamp_expression (str): SQL of the time
  Returns: str, SQL
-#}
{% macro oceanbase__edr_timeadd(date_part, number, timestamp_expression) -%}
  {{ dbt.dateadd(
    date_part, elementary.edr_cast_as_int(number), elementary.edr_cast_as_timestamp(timestamp_expression)
  ) }}
{%- endmacro %}
