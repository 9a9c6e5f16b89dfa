{#-
  A query for how often a column of two queries is equal, missing, NULL or different. Texts are compared byte for byte.

  Args:
    a_query (str)
    b_query (str)
    primary_key (str): name of the key's column
    column_to_compare (str): name of the column
    emojis (bool): whether the texts of match_status begin with a sign
    a_relation_name (str): name of the first query in match_status
    b_relation_name (str): name of the second query in match_status
-#}
{% macro oceanbase__compare_column_values(
  a_query, b_query, primary_key, column_to_compare, emojis, a_relation_name, b_relation_name
) -%}
  {%- set a_key, b_key = 'dbt_a.' ~ primary_key, 'dbt_b.' ~ primary_key -%}
  {%- set a, b = 'dbt_a.' ~ column_to_compare, 'dbt_b.' ~ column_to_compare -%}
  {%- set differs = oceanbase_shims_audit_helper.oceanbase__audit_differs(a, b) -%}
  {#- the package has a zero-width joiner before `values` -#}
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
