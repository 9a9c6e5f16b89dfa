{#-
  Return the statements of the default incremental strategy. With a unique key these are the statements of
  delete+insert, which replace the rows of the target that have the key of a new row. Without a unique key they are the
  statement of append.

  Args:
    arg_dict (dict): the arguments that dbt passes to the macro of an incremental strategy
  Returns: str, SQL
-#}
{% macro oceanbase__get_incremental_default_sql(arg_dict) %}
  {% if arg_dict['unique_key'] %}
    {{ return(get_incremental_delete_insert_sql(arg_dict)) }}
  {% endif %}
  {{ return(get_incremental_append_sql(arg_dict)) }}
{% endmacro %}
