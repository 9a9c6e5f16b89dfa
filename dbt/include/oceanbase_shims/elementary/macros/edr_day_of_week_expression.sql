{#-
  Return SQL for the English name of the day of the week. The package uses the format EEEE for it, which OceanBase does
  not know and returns unchanged.

  Args:
    date_expr (str): SQL of a date or time
  Returns: str, SQL
-#}
{% macro oceanbase__edr_day_of_week_expression(date_expr) -%}
  elt(weekday({{ date_expr }}) + 1, 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday')
{%- endmacro %}
