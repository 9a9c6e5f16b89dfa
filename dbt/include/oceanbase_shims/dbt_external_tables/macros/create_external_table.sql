{#-
  CREATE EXTERNAL TABLE for a source.

  Args:
    source_node (dict): a source of dbt's graph
  Returns: str
-#}
{% macro oceanbase__create_external_table(source_node) -%}
  {{ adapter.create_external_statement(source_node) }}
{%- endmacro %}
