{#-
  A query with one row: whether two queries have the same rows, each of them equally often. Texts are compared byte for
  byte.

  Args:
    query_a (str)
    query_b (str)
    columns (list[str]): columns that are compared; raises an error if there are none
    event_time (str | none): column of a time; only rows in the range that both queries cover are compared
-#}
{% macro oceanbase__quick_are_queries_identical(query_a, query_b, columns, event_time) -%}
  {%- if not execute -%}
    {{ return('') }}
  {%- endif -%}
  {%- if not columns -%}
    {%- do exceptions.raise_compiler_error(
      'audit_helper.quick_are_queries_identical: there are no columns to compare; name them in the argument columns'
    ) -%}
  {%- endif -%}
  {%- set bounds = audit_helper._get_comparison_bounds(query_a, query_b, event_time) if event_time else none -%}
  select ifnull(nullif(true, count(*) <> 0), false) as are_tables_identical
  from (
    select 1
    from (
      select {{ columns | join(', ') }}, 1 as dbt_times
      from ({{ query_a }}) as dbt_a
      {{ audit_helper.event_time_filter(bounds) }}
      union all
      select {{ columns | join(', ') }}, -1 as dbt_times
      from ({{ query_b }}) as dbt_b
      {{ audit_helper.event_time_filter(bounds) }}
    ) as dbt_rows
    group by {{ oceanbase_shims_audit_helper.oceanbase__audit_bytes(columns) }}
    having sum(dbt_times) <> 0
  ) as dbt_differences
{%- endmacro %}
