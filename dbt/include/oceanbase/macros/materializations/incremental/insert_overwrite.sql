{#-
  Return the SQL that replaces rows of the target by the rows of the staging table.

  These rows of the target are replaced:
  - with the config `partitions`: the rows in the listed partitions that also fulfil the predicates, if there are any
  - else with predicates: the rows that fulfil them
  - else with the config `partition_by`: the rows in the partitions to which the rows of the staging table belong
  - else: all rows

  The result is one INSERT OVERWRITE if there are no predicates and the server supports the statement for this table.
  Otherwise it is a DELETE and an INSERT, for one transaction.

  Args:
    target (Relation): the model's table
    source (Relation): the staging table, which has the new rows
    dest_columns (list[Column]): the columns to write
    predicates (list[str] | str | none): SQL conditions for the target's rows that are replaced
    include_sql_header (bool): not used, since the header was sent when the staging table was created; dbt passes it
  Returns: str, SQL
-#}
{% macro oceanbase__get_insert_overwrite_merge_sql(target, source, dest_columns, predicates, include_sql_header) -%}
  {%- set columns = get_quoted_csv(dest_columns | map(attribute='name')) -%}
  {%- set partitions = adapter.overwritten_partitions(target, source, config, predicates) -%}
  {%- if partitions == [] -%}
    {#- The staging table has no rows, so no partition is replaced, and the INSERT adds nothing. -#}
    {{ return(oceanbase__insert_staged(target, source, dest_columns)) }}
  {%- endif -%}
  {%- set place = target.render() ~ (' partition (' ~ get_quoted_csv(partitions) ~ ')' if partitions else '') -%}
  {%- set insert = place ~ ' (' ~ columns ~ ') select ' ~ columns ~ ' from ' ~ source -%}
  {%- if not predicates and adapter.supports_statement('insert overwrite ' ~ insert) -%}
    {{ return('insert overwrite ' ~ insert) }}
  {%- endif -%}
  delete from {{ place }} as DBT_INTERNAL_DEST where true
  {{- oceanbase__and_predicates(predicates) }};
  insert into {{ insert }}
{%- endmacro %}
