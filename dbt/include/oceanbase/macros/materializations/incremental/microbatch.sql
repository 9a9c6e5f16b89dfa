{#-
  A batch in the place of the rows of its time, and of those of other times that have a staged row's unique key, where
  there is one. Three statements at most, for one transaction.
-#}
{% macro oceanbase__get_incremental_microbatch_sql(arg_dict) -%}
  {%- set target, source, columns = arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['dest_columns'] -%}
  {%- set predicates = arg_dict['incremental_predicates'] -%}
  {%- set start, end = adapter.batch_bounds(model) -%}
  {%- set event_time = oceanbase__key_expressions(config.get('event_time'), columns)[0] -%}
  delete from {{ target }} as DBT_INTERNAL_DEST
  where {{ event_time }} >= {{ start }} and {{ event_time }} < {{ end }}
  {{- oceanbase__and_predicates(predicates) }};
  {% if arg_dict['unique_key'] -%}
    {{ oceanbase__delete_by_key(target, source, arg_dict['unique_key'], columns, predicates) }};
  {% endif -%}
  {{ oceanbase__insert_staged(target, source, columns) }}
{%- endmacro %}
