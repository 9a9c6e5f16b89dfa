{#-
  Return the type of a column for the YAML of a model. It is in quotes if YAML needs them, see oceanbase__type_in_yaml.
  The members of an ENUM keep their case.

  Args:
    column (Column)
  Returns: str
-#}
{% macro oceanbase__data_type_format_model(column) -%}
  {{ return(oceanbase_shims_codegen.oceanbase__type_in_yaml(codegen.format_column(column)['data_type'])) }}
{%- endmacro %}
