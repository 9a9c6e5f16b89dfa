{#-
  The columns and constraints of a contract for a CREATE TABLE, and the keys of the table's design. With persist_docs,
  columns whose comment the server cannot add later have it as well.

  Args:
    relation (Relation): the table that is created, possibly a staging table
    design (TableDesign or none): see oceanbase__create_table_as
  Returns: str
-#}
{% macro oceanbase__columns_and_constraints(relation, design=none) -%}
  ({{ adapter.contract_clauses(relation, model['columns'], model['constraints'], this, design, config.persist_column_docs()) | join(', ') }})
{%- endmacro %}
