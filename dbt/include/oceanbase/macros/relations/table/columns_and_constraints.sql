{#-
  The columns and constraints of a contract for a CREATE TABLE.

  Args:
    relation (Relation): the table that is created, possibly a staging table
  Returns: str
-#}
{% macro oceanbase__columns_and_constraints(relation) -%}
  ({{ adapter.contract_clauses(relation, model['columns'], model['constraints'], this) | join(', ') }})
{%- endmacro %}
