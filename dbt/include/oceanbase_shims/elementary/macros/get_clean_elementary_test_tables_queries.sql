{#-
  Return the statements that drop the tables of tests, one for each of them.

  Args:
    test_table_relations (list[Relation])
-#}
{% macro oceanbase__get_clean_elementary_test_tables_queries(test_table_relations) -%}
  {%- set queries = [] -%}
  {%- for relation in test_table_relations -%}
    {%- do queries.append(relation.drop_statement()) -%}
  {%- endfor -%}
  {{ return(queries) }}
{%- endmacro %}
