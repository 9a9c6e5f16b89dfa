{#-
  Return common table expressions for the comparison of two queries: a_intersect_b has the rows that both queries have,
  a_except_b and b_except_a have the rows that only one of them has. Texts are compared byte for byte.

  Rows with the same key are numbered in the order of their values, and the number is compared as well. If both queries
  have the same rows of a key, equal rows have the same number.

  Args:
    a_query (str): the first query, as SQL
    b_query (str): the second query, as SQL
    primary_key_columns (list[str]): the columns of the key
    columns (list[str]): the columns to compare
    event_time_props (dict | none): the time range of the rows to compare, as the package computes it; none for all rows
  Returns: str, SQL
-#}
{% macro oceanbase___generate_set_results(a_query, b_query, primary_key_columns, columns, event_time_props) -%}
  {%- set keys = ['dbt_audit_surrogate_key', 'dbt_audit_pk_row_num'] -%}
  {%- set key = audit_helper._generate_null_safe_surrogate_key(primary_key_columns) | trim -%}
  {%- for side, query in (('dbt_a', a_query), ('dbt_b', b_query)) %}
  {{ side }}_keyed as (
    select {{ columns | join(', ') }}, {{ key }} as dbt_audit_surrogate_key
    from ({{ query }}) as {{ side }}_rows
    {{ audit_helper.event_time_filter(event_time_props) }}
  ),
  {{ side }} as (
    select
      {{ side }}_keyed.*,
      row_number() over (
        partition by dbt_audit_surrogate_key order by {{ oceanbase_shims_audit_helper.oceanbase__audit_bytes(columns) }}
      ) as dbt_audit_pk_row_num
    from {{ side }}_keyed
  ),
  {%- endfor %}
  dbt_either as (
    {{ oceanbase_shims_audit_helper.oceanbase__audit_sides('dbt_a', 'dbt_b', columns + keys, 'dbt_in_a', 'dbt_in_b') }}
  )
  {%- for name, condition in (
    ('a_intersect_b', 'dbt_in_a and dbt_in_b'), ('a_except_b', 'not dbt_in_b'), ('b_except_a', 'not dbt_in_a')
  ) %},
  {{ name }} as (
    select {{ (columns + keys) | join(', ') }} from dbt_either where {{ condition }}
  )
  {%- endfor %}
{%- endmacro %}
