{#-
  The columns and constraints of a contract for a CREATE TABLE.

  Args:
    relation (Relation): the table that is created, which may stand beside the one it is going to replace
  Returns: str
-#}
{% macro oceanbase__columns_and_constraints(relation) -%}
  {%- set columns = adapter.render_raw_columns_constraints(raw_columns=model['columns']) -%}
  {%- set constraints = adapter.with_free_names(relation, model['constraints']) -%}
  ({{ (columns + adapter.render_raw_model_constraints(raw_constraints=constraints)) | join(', ') }})
{%- endmacro %}
