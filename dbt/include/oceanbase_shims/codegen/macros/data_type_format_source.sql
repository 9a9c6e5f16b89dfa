{#-
  The type of a column of a source in YAML. The members of an ENUM keep their case.

  Args:
    column (Column)
-#}
{% macro oceanbase__data_type_format_source(column) -%}
  {{ return(oceanbase_shims_codegen.oceanbase__type_in_yaml(codegen.format_column(column)['data_type'])) }}
{%- endmacro %}
