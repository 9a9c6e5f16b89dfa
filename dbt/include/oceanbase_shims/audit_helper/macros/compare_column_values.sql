{#-
  Return a query that compares a column of two queries, row by row. It counts the rows in which the column is equal,
  NULL in one or both queries, different, or missing because one query lacks the key. Texts are compared byte for byte.

  Args:
    a_query (str): the first query, as SQL
    b_query (str): the second query, as SQL
    primary_key (str): the name of the key's column
    column_to_compare (str): the name of the column to compare
    emojis (bool): whether the texts in match_status begin with a sign such as ✅
    a_relation_name (str): the name of the first query in match_status
    b_relation_name (str): the name of the second query in match_status
  Returns: str, SQL of a query with the columns column_name, match_status, count_records and percent_of_total
-#}
{% macro oceanbase__compare_column_values(
  a_query, b_query, primary_key, column_to_compare, emojis=true, a_relation_name='a', b_relation_name='b'
) -%}
  {%- set a_key, b_key = 'dbt_a.' ~ primary_key, 'dbt_b.' ~ primary_key -%}
  {%- set a, b = 'dbt_a.' ~ column_to_compare, 'dbt_b.' ~ column_to_compare -%}
  {%- set differs = oceanbase_shims_audit_helper.oceanbase__audit_differs(a, b) -%}
  {#- The package has the invisible character U+200D (zero-width joiner) before `values` in the last status. -#}
  {%- set statuses = [
    ('✅', 'perfect match', 'not (' ~ differs ~ ')'),
    ('✅', 'both are null', a ~ ' is null and ' ~ b ~ ' is null'),
    ('🤷', 'missing from ' ~ a_relation_name, a_key ~ ' is null'),
    ('🤷', 'missing from ' ~ b_relation_name, b_key ~ ' is null'),
    ('🤷', 'value is null in ' ~ a_relation_name ~ ' only', a ~ ' is null'),
    ('🤷', 'value is null in ' ~ b_relation_name ~ ' only', b ~ ' is null'),
    ('❌', '\u200dvalues do not match', differs),
  ] -%}
  with dbt_compared as (
    select
      case
      {%- for sign, status, condition in statuses %}
        when {{ condition }} then {{ loop.index0 }}
      {%- endfor %}
      end as dbt_status
    {{ oceanbase_shims_audit_helper.oceanbase__audit_joined(a_query, b_query, primary_key) }}
  ),
  dbt_counted as (
    select dbt_status, count(*) as count_records
    from dbt_compared
    group by dbt_status
  )
  select
    {{ adapter.text_literal(column_to_compare) }} as column_name,
    case dbt_status
    {%- for sign, status, condition in statuses %}
      when {{ loop.index0 }} then {{ adapter.text_literal((sign ~ ': ' if emojis else '') ~ status) }}
    {%- endfor %}
    end as match_status,
    count_records,
    round(100.0 * count_records / sum(count_records) over (), 2) as percent_of_total
  from dbt_counted
  order by dbt_status
{%- endmacro %}
