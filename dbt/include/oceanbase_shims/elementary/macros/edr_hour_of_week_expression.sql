{#-
  Return SQL for the English name of the day of the week, followed by the hour, such as Monday13.

  Args:
    date_expr (str): SQL of a time
  Returns: str, SQL
-#}
{% macro oceanbase__edr_hour_of_week_expression(date_expr) -%}
  concat({{ elementary.edr_day_of_week_expression(date_expr) | trim }}, hour({{ date_expr }}))
{%- endmacro %}
