{% macro oceanbase__get_incremental_append_sql(arg_dict) %}
  {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
  {% do return(
    'insert into ' ~ arg_dict['target_relation'] ~ ' (' ~ columns ~ ') select ' ~ columns ~ ' from ' ~ arg_dict['temp_relation']
  ) %}
{% endmacro %}
