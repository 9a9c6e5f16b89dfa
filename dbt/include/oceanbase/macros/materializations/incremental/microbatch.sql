{#-
  Return the SQL that replaces the target's rows in the period of a batch by the rows of the staging table. With a
  unique key, rows of other periods are replaced too if a row of the staging table has their key. Predicates limit the
  rows that are replaced.

  The result is one INSERT OVERWRITE of a partition if the partition has exactly the batch's period, the batch has many
  rows (LARGE_BATCH in partition_overwrite.py), the server supports the statement for this table, and the model has
  neither a unique key nor predicates. Otherwise the result is two or three statements for one transaction.

  Args:
    arg_dict (dict): the arguments that dbt passes to the macro of an incremental strategy, and staged_rows (int |
      none), the number of rows in the staging table
  Returns: str, SQL
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
  {%- set event_time = adapter.event_time_sql(config.get('event_time'), columns) -%}
  delete from {{ target }} as DBT_INTERNAL_DEST
  where {{ event_time }} >= {{ start }} and {{ event_time }} < {{ end }}
  {{- oceanbase__and_predicates(predicates) }};
  {% if arg_dict['unique_key'] -%}
    {{ oceanbase__delete_by_key(target, source, arg_dict['unique_key'], columns, predicates) }};
  {% endif -%}
  {{ oceanbase__insert_staged(target, source, columns) }}
{%- endmacro %}
