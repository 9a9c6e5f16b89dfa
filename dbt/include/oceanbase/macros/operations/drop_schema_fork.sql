{#-
  Drop a schema that oceanbase__fork_schema has created, with everything in it, and log a line about it.

  Run it by "dbt run-operation oceanbase__drop_schema_fork --args '{schema: shop_ann}'".

  Args:
    schema (str): the name of the schema
  Raises: an error if the schema does not exist, or if oceanbase__fork_schema has not created it
-#}
{% macro oceanbase__drop_schema_fork(schema) %}
  {% if execute %}
    {% do log(adapter.drop_schema_fork(schema), info=true) %}
  {% endif %}
{% endmacro %}
