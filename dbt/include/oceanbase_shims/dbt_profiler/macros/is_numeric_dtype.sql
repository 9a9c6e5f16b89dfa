{#-
  Check whether a type is a type of numbers.

  Args:
    dtype (str): the name of the type in lower case, as in information_schema
  Returns: bool
-#}
{% macro oceanbase__is_numeric_dtype(dtype) -%}
  {{ return(
    dtype in ('tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'float', 'double')
  ) }}
{%- endmacro %}
