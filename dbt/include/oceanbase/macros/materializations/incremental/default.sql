{#-
  The statements of the default strategy. With a unique key this is delete+insert, which leaves no two rows with the
  same key. Without a unique key it is append.

  Args:
    arg_dict (dict): dbt's arguments of a strategy
  Returns: str
-#}
{% macro oceanbase__get_incremental_default_sql(arg_dict) %}
  {% if arg_dict['unique_key'] %}
    {{ return(get_incremental_delete_insert_sql(arg_dict)) }}
  {% endif %}
  {{ return(get_incremental_append_sql(arg_dict)) }}
{% endmacro %}
