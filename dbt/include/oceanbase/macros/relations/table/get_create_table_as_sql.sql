{#-
  Return the CREATE TABLE ... AS statement of a table.

  dbt itself runs the statement that stores the failing rows of a data test. If the server refuses it because of long
  texts, the adapter sends it again with TEXT columns, as oceanbase__create_from_select does for other nodes.

  Args: the arguments of create_table_as
  Returns: str, SQL
-#}
{% macro oceanbase__get_create_table_as_sql(temporary, relation, sql) -%}
  {%- set create_sql = create_table_as(temporary, relation, sql) -%}
  {%- if model.resource_type == 'test' -%}
    {%- do adapter.create_wide_if_refused(create_sql, oceanbase__create_table_as, relation, sql) -%}
  {%- endif -%}
  {{ return(create_sql) }}
{%- endmacro %}
