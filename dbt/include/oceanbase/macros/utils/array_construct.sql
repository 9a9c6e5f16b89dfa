{#-
  An array. The server has no literal for an empty array, so one element is removed from an array of one element.

  Args:
    inputs (list): elements as SQL, all of one type
    data_type (str): type of the elements of an empty array: an integer, float, double or character type
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
