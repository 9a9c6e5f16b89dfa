{#-
  Return SQL for an array. The server has no literal for an empty array, so SQL for an empty array removes the element
  from an array of one element.

  Args:
    inputs (list[str]): the elements as SQL, all of one type
    data_type (str): the type of the elements, which is used only if inputs is empty: an integer, float, double or
      character type
  Returns: str, SQL
  Raises: a compiler error if the array is empty and data_type is another type
-#}
{% macro oceanbase__array_construct(inputs, data_type) -%}
  {%- if inputs -%}
    array({{ inputs | join(', ') }})
  {%- else -%}
    {%- set target = api.Column.cast_target(data_type | string) -%}
    {%- if target.split('(')[0] == 'char' -%}
      array_remove(array(''), '')
    {%- elif target in ('signed', 'unsigned', 'float', 'double') -%}
      array_remove(array(cast(0 as {{ target }})), 0)
    {%- elif execute -%}
      {% do exceptions.raise_compiler_error(
        "array_construct: OceanBase has no arrays of '" ~ data_type ~ "'; use an integer, float, double or character type"
      ) %}
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}
