{#-
  The English name of the day of the week. OceanBase does not know the format EEEE, and returns it as it is.

  Args:
    date_expr (str): SQL
-#}
{% macro oceanbase__edr_day_of_week_expression(date_expr) -%}
  elt(weekday({{ date_expr }}) + 1, 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday')
{%- endmacro %}
