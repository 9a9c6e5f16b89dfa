{#-
  The staged rows in the place of others: of those in the partitions that the config `partitions` names, of those that
  the predicates name, or of all. One INSERT OVERWRITE where the server has it for this table; DELETE and INSERT in one
  transaction elsewhere.

  Args:
    target (Relation), source (Relation): the staged rows
    dest_columns (list[Column])
    predicates (list[str] | str | none): on the target's rows that go
    include_sql_header (bool): dbt's; the header is sent with the staging
  Returns: str
-#}
{% macro oceanbase__get_insert_overwrite_merge_sql(target, source, dest_columns, predicates, include_sql_header) -%}
  {%- set columns = get_quoted_csv(dest_columns | map(attribute='name')) -%}
  {%- set partitions = oceanbase__as_list(config.get('partitions')) -%}
  {%- set place = target.render() ~ (' partition (' ~ get_quoted_csv(partitions) ~ ')' if partitions else '') -%}
  {%- set insert = place ~ ' (' ~ columns ~ ') select ' ~ columns ~ ' from ' ~ source -%}
  {%- if not predicates and adapter.can_run('insert overwrite ' ~ insert) -%}
    {{ return('insert overwrite ' ~ insert) }}
  {%- endif -%}
  delete from {{ place }} as DBT_INTERNAL_DEST where true
  {{- oceanbase__and_predicates(predicates) }};
  insert into {{ insert }}
{%- endmacro %}
