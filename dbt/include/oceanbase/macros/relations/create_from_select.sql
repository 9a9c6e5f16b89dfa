{#-
  Create a relation from a SELECT.

  If the server refuses a table because a text is too long for VARCHAR, or because all texts together are too long for a
  row, the table is created with TEXT columns. The types of a contract are never changed.

  If no partition holds one of the rows, the table is created with more partitions, up to the largest value. This needs
  a rule in the config `partition_by` that makes partitions. Without a rule, an error is raised.

  Args:
    name (str): the name under which dbt keeps the statement's result
    relation (Relation): the relation to create, with its type (table or view)
    sql (str): the SELECT
    temporary (bool): the table is only needed while the node runs
  Returns: bool, false if the server already has a relation of this name that is not in dbt's cache
-#}
{% macro oceanbase__create_from_select(name, relation, sql, temporary=false) %}
  {% set may_be_too_wide = not relation.is_view and not config.get('contract').enforced %}
  {% set create_sql = create_table_as(true, relation, sql) if temporary else get_create_sql(relation, sql) %}
  {% do write(create_sql) %}
  {% set may_lack_partition = not temporary and not relation.is_view and config.get('partition_by') is not none %}
  {% set response = adapter.try_create(create_sql, relation, may_be_too_wide, may_lack_partition) %}
  {% set wide_texts = response == 'too wide' %}
  {% if wide_texts %}
    {% set create_sql = oceanbase__create_table_as(temporary, relation, sql, wide_texts=true) %}
    {% do write(create_sql) %}
    {% set response = adapter.try_create(create_sql, relation, false, may_lack_partition) %}
  {% endif %}
  {% if response == 'no partition' %}
    {% do adapter.extend_partitions(config, sql) %}
    {% set create_sql = oceanbase__create_table_as(temporary, relation, sql, wide_texts=wide_texts) %}
    {% do write(create_sql) %}
    {% set response = adapter.try_create(create_sql, relation) %}
  {% endif %}
  {% if response is none %}
    {{ return(false) }}
  {% endif %}
  {% do store_result(name, response=response) %}
  {{ return(true) }}
{% endmacro %}
