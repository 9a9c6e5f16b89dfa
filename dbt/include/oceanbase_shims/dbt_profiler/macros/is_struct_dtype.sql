{#-
  Check whether the server refuses DISTINCT for a type: an array, a map, a vector or a bitmap.

  Args:
    dtype (str): name of the type in lower case, as in information_schema
-#}
{% macro oceanbase__is_struct_dtype(dtype) -%}
  {{ return(dtype.split('(')[0] in ('array', 'map', 'vector', 'sparsevector', 'roaringbitmap')) }}
{%- endmacro %}
