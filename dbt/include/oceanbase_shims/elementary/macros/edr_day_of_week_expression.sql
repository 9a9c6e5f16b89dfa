{#-
  The English name of a day. The format EEEE means nothing to OceanBase, which returns it as it is.

  Args:
    date_expr (str): SQL
-#}
{% macro oceanbase__edr_day_of_week_expression(date_expr) -%}
  elt(weekday({{ date_expr }}) + 1, 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday')
{%- endmacro %}
