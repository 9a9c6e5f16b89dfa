{#-
  Return a query that compares a column of two queries, with one row for each key. Boolean columns of the result say
  whether the values are equal, NULL, different, or missing because one query lacks the key. Texts are compared byte for
  byte.

  Args:
    a_query (str): the first query, as SQL
    b_query (str): the second query, as SQL
    primary_key (str): the name of the key's column
    column_to_compare (str): the name of the column to compare
  Returns: str, SQL of a query with the columns primary_key, column_name, perfect_match, null_in_a, null_in_b,
    missing_from_a, missing_from_b and conflicting_values
-#}
{% macro oceanbase__compare_column_values_verbose(a_query, b_query, primary_key, column_to_compare) -%}
  {%- set a_key, b_key = 'dbt_a.' ~ primary_key, 'dbt_b.' ~ primary_key -%}
  {%- set a, b = 'dbt_a.' ~ column_to_compare, 'dbt_b.' ~ column_to_compare -%}
  {%- set differs = oceanbase_shims_audit_helper.oceanbase__audit_differs(a, b) -%}
  {%- set both = a_key ~ ' is not null and ' ~ b_key ~ ' is not null' -%}
  select
    coalesce({{ a_key }}, {{ b_key }}) as primary_key,
    {{ adapter.text_literal(column_to_compare) }} as column_name,
    {{ both }} and coalesce(not ({{ differs }}), {{ a }} is null and {{ b }} is null) as perfect_match,
    {{ a }} is null and {{ a_key }} is not null as null_in_a,
    {{ b }} is null and {{ b_key }} is not null as null_in_b,
    {{ a_key }} is null as missing_from_a,
    {{ b_key }} is null as missing_from_b,
    {{ both }} and coalesce({{ differs }}, ({{ a }} is null) <> ({{ b }} is null)) as conflicting_values
  {{ oceanbase_shims_audit_helper.oceanbase__audit_joined(a_query, b_query, primary_key) }}
{%- endmacro %}
