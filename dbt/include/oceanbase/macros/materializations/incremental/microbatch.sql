{#-
  Replace the rows of a batch's period by the staged rows. With a unique key, also replace rows of other periods that
  have the key of a staged row. Two or three statements for one transaction.

  One INSERT OVERWRITE of a partition takes the place of these statements if the partition has exactly the batch's
  period, the batch has many rows (LARGE_BATCH in partition_overwrite.py), the server supports the statement for this
  table, and the model has neither a unique key nor predicates.

  Args:
    arg_dict (dict): dbt's arguments of a strategy, and staged_rows (int | none), the number of staged rows
  Returns: str
-#}
{% macro oceanbase__get_incremental_microbatch_sql(arg_dict) -%}
  {%- set target, source, columns = arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['dest_columns'] -%}
  {%- set predicates = arg_dict['incremental_predicates'] -%}
  {%- set start, end = adapter.batch_bounds(model) -%}
  {%- if not arg_dict['unique_key'] and not predicates -%}
    {%- set partition = adapter.batch_partition(target, config, model.batch, arg_dict['staged_rows']) -%}
    {%- set names = get_quoted_csv(columns | map(attribute='name')) -%}
    {%- set overwrite = 'insert overwrite ' ~ target.render() ~ ' partition (' ~ adapter.quote(partition) ~ ') (' ~ names ~ ') select ' ~ names ~ ' from ' ~ source if partition -%}
    {%- if partition and adapter.supports_statement(overwrite) -%}
      {{ return(overwrite) }}
    {%- endif -%}
  {%- endif -%}
  {%- set event_time = adapter.key_expressions(config.get('event_time'), columns)[0] -%}
  delete from {{ target }} as DBT_INTERNAL_DEST
  where {{ event_time }} >= {{ start }} and {{ event_time }} < {{ end }}
  {{- oceanbase__and_predicates(predicates) }};
  {% if arg_dict['unique_key'] -%}
    {{ oceanbase__delete_by_key(target, source, arg_dict['unique_key'], columns, predicates) }};
  {% endif -%}
  {{ oceanbase__insert_staged(target, source, columns) }}
{%- endmacro %}
