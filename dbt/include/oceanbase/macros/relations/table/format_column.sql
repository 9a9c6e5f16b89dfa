{#-
  A column for dbt's comparison of a contract with what the model selects: types of one kind compare equal, since
  expressions here have no type of their own that CAST could give (integers are bigint, texts varchar), and the table
  gets the declared type in any case.
-#}
{% macro oceanbase__format_column(column) -%}
  {{ return({
    'name': column.name,
    'data_type': column.dtype,
    'formatted': column.column | lower ~ ' ' ~ column.kind()
  }) }}
{%- endmacro %}
