{% macro oceanbase__get_incremental_append_sql(arg_dict) %}
  {{ return(oceanbase__insert_staged(arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['dest_columns'])) }}
{% endmacro %}
