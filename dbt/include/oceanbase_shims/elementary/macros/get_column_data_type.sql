{#-
  Return the type of a column. The type tinyint(1) is named boolean, because the server stores booleans as tinyint(1).
  The package would take it for a type of numbers.

  Args:
    column_relation (Column): the column
  Returns: str
-#}
{% macro oceanbase__get_column_data_type(column_relation) -%}
  {{ return('boolean' if column_relation['dtype'] == 'tinyint(1)' else column_relation['dtype']) }}
{%- endmacro %}
