{#-
  The statement that drops the external table of a source. It is empty if there is no such table. A table or view of that
  name is an error.

  Args:
    node (dict): a source of dbt's graph
  Returns: str
-#}
{% macro oceanbase__dropif(node) -%}
  {{ adapter.drop_external(node) or '' }}
{%- endmacro %}
