{#-
  Return the name that a type has in snapshots of columns. A tinyint(1) is named BOOLEAN, as get_column_data_type does,
  so that the names of the type in a baseline, such as tinyint(1) and bool, are no changes.

  Args:
    exact_data_type (str): the type in upper case
  Returns: str
-#}
{% macro oceanbase__get_normalized_data_type(exact_data_type) -%}
  {{ return('BOOLEAN' if api.Column.canonical_type(exact_data_type) == 'tinyint(1)' else exact_data_type) }}
{%- endmacro %}
