{#-
  Check whether a type is a date, a time, or both.

  Args:
    dtype (str): name of the type in lower case, as in information_schema
-#}
{% macro oceanbase__is_date_or_time_dtype(dtype) -%}
  {{ return(dtype in ('date', 'time', 'datetime', 'timestamp', 'year')) }}
{%- endmacro %}
