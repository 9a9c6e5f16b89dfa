{#-
  Return a query that tells for each column whether its value differs between two queries in any row whose key both
  queries have. Texts are compared byte for byte.

  Args:
    a_query (str): the first query, as SQL
    b_query (str): the second query, as SQL
    primary_key_columns (list[str]): the columns of the key
    columns (list[str]): the columns to compare
    event_time (str | none): a column with a time; if given, only rows in the time range that both queries cover are
      compared
  Returns: str, SQL of a query with the columns column_name and has_difference; empty while dbt parses the project
-#}
{% macro oceanbase__compare_which_query_columns_differ(a_query, b_query, primary_key_columns, columns, event_time) -%}
  {%- if not execute -%}
    {{ return('') }}
  {%- endif -%}
  {%- set columns = audit_helper._ensure_all_pks_are_in_column_set(primary_key_columns, columns) -%}
  {%- set bounds = audit_helper._get_comparison_bounds(a_query, b_query, event_time) if event_time else none -%}
  {%- set key = audit_helper._generate_null_safe_surrogate_key(primary_key_columns) | trim -%}
  with dbt_differences as (
    select
    {%- for column in columns %}
      {%- set a, b = 'dbt_a.' ~ adapter.quote(column), 'dbt_b.' ~ adapter.quote(column) %}
      {%- set differs = oceanbase_shims_audit_helper.oceanbase__audit_differs(a, b) %}
      max(coalesce({{ differs }}, ({{ a }} is null) <> ({{ b }} is null)))
        as dbt_column_{{ loop.index }}{{ ',' if not loop.last }}
    {%- endfor %}
    from (
      select {{ columns | join(', ') }}, {{ key }} as dbt_audit_surrogate_key
      from ({{ a_query }}) as dbt_a_rows
      {{ audit_helper.event_time_filter(bounds) }}
    ) as dbt_a
    inner join (
      select {{ columns | join(', ') }}, {{ key }} as dbt_audit_surrogate_key
      from ({{ b_query }}) as dbt_b_rows
      {{ audit_helper.event_time_filter(bounds) }}
    ) as dbt_b on dbt_a.dbt_audit_surrogate_key = dbt_b.dbt_audit_surrogate_key
  )
  {%- for column in columns %}
  select {{ adapter.text_literal(column) }} as column_name, dbt_column_{{ loop.index }} as has_difference
  from dbt_differences
    {%- if not loop.last %}
  union all
    {%- endif -%}
  {%- endfor %}
{%- endmacro %}
