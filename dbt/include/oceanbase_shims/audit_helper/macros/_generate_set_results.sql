{#-
  Common table expressions with the rows that both queries have (a_intersect_b), and with those that only one of them
  has (a_except_b, b_except_a). Texts are compared byte for byte. Rows of the same key are numbered in the order of
  their values, so that equal rows get the same number in both queries.

  Args:
    a_query (str)
    b_query (str)
    primary_key_columns (list[str])
    columns (list[str])
    event_time_props (dict | none): bounds of the rows that are compared
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
