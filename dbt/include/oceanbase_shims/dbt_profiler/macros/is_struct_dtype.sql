{#-
  Check whether the server refuses DISTINCT for a type. It does so for arrays, maps, vectors and bitmaps.

  Args:
    dtype (str): the name of the type in lower case, as in information_schema
  Returns: bool
-#}
{% macro oceanbase__is_struct_dtype(dtype) -%}
  {{ return(dtype.split('(')[0] in ('array', 'map', 'vector', 'sparsevector', 'roaringbitmap')) }}
{%- endmacro %}
