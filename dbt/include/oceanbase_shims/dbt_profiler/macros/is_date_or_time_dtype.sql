{#-
  Check whether a type is a type of dates, times or years.

  Args:
    dtype (str): the name of the type in lower case, as in information_schema
  Returns: bool
-#}
{% macro oceanbase__is_date_or_time_dtype(dtype) -%}
  {{ return(dtype in ('date', 'time', 'datetime', 'timestamp', 'year')) }}
{%- endmacro %}
