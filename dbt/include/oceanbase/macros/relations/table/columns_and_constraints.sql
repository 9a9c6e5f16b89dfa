{#-
  Return the list of columns and constraints of a contract for a CREATE TABLE, with the keys of the table's design. If
  persist_docs is set, the list also has the comments of the columns whose comment the server cannot set later.

  Args:
    relation (Relation): the table to create, possibly a staging table
    design (TableDesign or none): the keys, indexes, options and partitions of the table; none for no design
  Returns: str, SQL in parentheses
-#}
{% macro oceanbase__columns_and_constraints(relation, design=none) -%}
  ({{ adapter.contract_clauses(relation, model['columns'], model['constraints'], this, design, config.persist_column_docs()) | join(', ') }})
{%- endmacro %}
