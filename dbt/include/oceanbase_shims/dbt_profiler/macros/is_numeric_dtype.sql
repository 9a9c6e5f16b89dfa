{#-
  Check whether a type is a number.

  Args:
    dtype (str): name of the type in lower case, as in information_schema
-#}
{% macro oceanbase__is_numeric_dtype(dtype) -%}
  {{ return(
    dtype in ('tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'float', 'double')
  ) }}
{%- endmacro %}
