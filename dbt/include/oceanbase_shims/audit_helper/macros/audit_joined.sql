{#-
  Return a FROM clause with a full outer join of two queries by a key. The aliases of the queries are dbt_a and dbt_b.
  Keys of text are compared byte for byte.

  Args:
    a_query (str): the first query, as SQL
    b_query (str): the second query, as SQL
    primary_key (str): the name of the key's column
  Returns: str, SQL
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
