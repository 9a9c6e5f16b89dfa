{#-
  Return a query that tells whether two queries have the same rows, and each row equally often. It has one row with the
  column are_tables_identical. Texts are compared byte for byte.

  Args:
    query_a (str): the first query, as SQL
    query_b (str): the second query, as SQL
    columns (list[str]): the columns to compare
    event_time (str | none): a column with a time; if given, only rows in the time range that both queries cover are
      compared
  Returns: str, SQL; empty while dbt parses the project
  Raises: a compiler error if there are no columns
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
