{#-
  Return the statements that drop the tables in which the package has stored results of tests.

  Args:
    test_table_relations (list[Relation]): the tables
  Returns: list[str], one statement for each table
-#}
{% macro oceanbase__get_clean_elementary_test_tables_queries(test_table_relations) -%}
  {%- set queries = [] -%}
  {%- for relation in test_table_relations -%}
    {%- do queries.append(relation.drop_statement()) -%}
  {%- endfor -%}
  {{ return(queries) }}
{%- endmacro %}
