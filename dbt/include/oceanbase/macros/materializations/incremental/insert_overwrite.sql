{#-
  Replace rows of the target by the staged rows. The replaced rows are those in the partitions that the config
  `partitions` lists. Without that config they are the rows that the predicates select, or else, if the config
  `partition_by` is set, the rows in the partitions to which staged rows belong, or else all rows.

  The result is one INSERT OVERWRITE if there are no predicates and the server supports it for this table. Otherwise it
  is a DELETE and an INSERT, for one transaction.

  Args:
    target (Relation)
    source (Relation): the staging table
    dest_columns (list[Column]): the columns to write
    predicates (list[str] | str | none): conditions for the target's rows that are replaced
    include_sql_header (bool): an argument of dbt, not used: the header is sent when the rows are staged
  Returns: str
-#}
{% macro oceanbase__get_insert_overwrite_merge_sql(target, source, dest_columns, predicates, include_sql_header) -%}
  {%- set columns = get_quoted_csv(dest_columns | map(attribute='name')) -%}
  {%- set partitions = adapter.overwritten_partitions(target, source, config, predicates) -%}
  {%- if partitions == [] -%}
    {#- No row is staged, so no partition is replaced, and the INSERT adds nothing. -#}
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
