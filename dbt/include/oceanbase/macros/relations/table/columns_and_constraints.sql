{#-
  The columns and constraints of a contract for a CREATE TABLE.

  Args:
    relation (Relation): the table that is created, which may stand beside the one it is going to replace
  Returns: str
-#}
{% macro oceanbase__columns_and_constraints(relation) -%}
  ({{ adapter.contract_clauses(relation, model['columns'], model['constraints'], this) | join(', ') }})
{%- endmacro %}
