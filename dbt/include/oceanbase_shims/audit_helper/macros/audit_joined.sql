{#-
  A FROM clause with the rows of two queries, dbt_a and dbt_b, joined by a key. Rows without a partner are kept.

  Args:
    a_query (str): query a
    b_query (str): query b
    primary_key (str): name of the key's column
-#}
{% macro oceanbase__audit_joined(a_query, b_query, primary_key) -%}
  {%- set a_key, b_key = 'dbt_a.' ~ primary_key, 'dbt_b.' ~ primary_key -%}
  from (
    {{ a_query }}
  ) as dbt_a
  full outer join (
    {{ b_query }}
  ) as dbt_b
    on {{ a_key }} = {{ b_key }} and not ({{ oceanbase_shims_audit_helper.oceanbase__audit_differs(a_key, b_key) }})
{%- endmacro %}
