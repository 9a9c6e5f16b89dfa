{#-
  Check whether a type has no distinct values for the server: it refuses DISTINCT for arrays and the like.

  Args:
    dtype (str): name of the type in lower case, as in information_schema
-#}
{% macro oceanbase__is_struct_dtype(dtype) -%}
  {{ return(dtype.split('(')[0] in ('array', 'map', 'vector', 'sparsevector', 'roaringbitmap')) }}
{%- endmacro %}
