{#-
  Return the CREATE EXTERNAL TABLE statement for a source.

  Args:
    source_node (dict): a source of dbt's graph
  Returns: str, SQL
  Raises: an error if the source's definition has a wrong value, or if the server has no external tables
-#}
{% macro oceanbase__create_external_table(source_node) -%}
  {{ adapter.create_external_statement(source_node) }}
{%- endmacro %}
