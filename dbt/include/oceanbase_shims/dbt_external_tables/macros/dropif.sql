{#-
  Return the statement that drops the external table of a source.

  Args:
    node (dict): a source of dbt's graph
  Returns: str, SQL; empty if the table does not exist
  Raises: an error if a relation of another type has the table's name
-#}
{% macro oceanbase__dropif(node) -%}
  {{ adapter.drop_external(node) or '' }}
{%- endmacro %}
