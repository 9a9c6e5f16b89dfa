{#-
  A time that is a number of periods after another one. OceanBase has no DATEADD.

  Args:
    date_part (str)
    number (int | str): SQL
    timestamp_expression (str): SQL
-#}
{% macro oceanbase__edr_timeadd(date_part, number, timestamp_expression) -%}
  {{ dbt.dateadd(
    date_part, elementary.edr_cast_as_int(number), elementary.edr_cast_as_timestamp(timestamp_expression)
  ) }}
{%- endmacro %}
