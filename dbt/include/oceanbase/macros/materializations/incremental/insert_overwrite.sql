{#-
  Replace rows of the target by the staged rows: the rows in the partitions of the config `partitions`, the rows that
  the predicates select, the rows in the partitions of the staged rows if the config `partition_by` is set, or all rows.
  One INSERT OVERWRITE if the server has it for this table, else a DELETE and an
  INSERT for one transaction.

  Args:
    target (Relation)
    source (Relation): the staging table
    dest_columns (list[Column]): those to write
    predicates (list[str] | str | none): conditions for the target's rows that are replaced
    include_sql_header (bool): an argument of dbt, not used: the header is sent when the rows are staged
  Returns: str
-#}
{% macro oceanbase__get_insert_overwrite_merge_sql(target, source, dest_columns, predicates, include_sql_header) -%}
  {%- set columns = get_quoted_csv(dest_columns | map(attribute='name')) -%}
  {%- set partitions = adapter.overwritten_partitions(target, source, config, predicates) -%}
  {%- if partitions == [] -%}
    {#- There are no staged rows, so they replace nothing. -#}
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
