{#-
  Drop a schema that oceanbase__fork_schema has made, with all that is in it. Any other schema is an error.

  Run it by "dbt run-operation oceanbase__drop_schema_fork --args '{schema: shop_ann}'".

  Args:
    schema (str): the name of the schema
-#}
{% macro oceanbase__drop_schema_fork(schema) %}
  {% if execute %}
    {% do log(adapter.drop_schema_fork(schema), info=true) %}
  {% endif %}
{% endmacro %}
