{#-
  A query for the rows that are in only one of two queries, or for the numbers of rows in one and in both.

  The columns are read from the server first, because texts are compared byte for byte. Raises an error if a query reads
  an ephemeral model, whose columns cannot be read. A unit test has only such models. Its texts are compared by their
  collation, as the package does it.

  Args:
    a_query (str)
    b_query (str)
    primary_key (str | none): SQL by which rows are sorted
    summarize (bool): whether rows are counted
    limit (int | none): most rows that are returned, if they are not counted
-#}
{% macro oceanbase__compare_queries(a_query, b_query, primary_key=none, summarize=true, limit=none) -%}
  {%- if not execute -%}
    {{ return('') }}
  {%- endif -%}
  {%- if '__dbt__cte__' in a_query ~ b_query -%}
    {%- if model is defined and model.resource_type == 'unit_test' -%}
      {{ return(audit_helper.default__compare_queries(a_query, b_query, primary_key, summarize, limit)) }}
    {%- endif -%}
    {%- do exceptions.raise_compiler_error(
      'audit_helper.compare_queries: the columns of an ephemeral model cannot be read, and without them texts would be '
      ~ 'compared without their case; materialize the model as a view or a table'
    ) -%}
  {%- endif -%}
  {%- set columns = dbt.get_column_schema_from_query(a_query) | map(attribute='quoted') | list -%}
  with dbt_a as (
    {{ a_query }}
  ),
  dbt_b as (
    {{ b_query }}
  ),
  dbt_rows as (
    {{ oceanbase_shims_audit_helper.oceanbase__audit_sides('dbt_a', 'dbt_b', columns) }}
  )
  {%- if summarize %},
  dbt_counted as (
    select in_a, in_b, count(*) as count
    from dbt_rows
    group by in_a, in_b
  )
  select in_a, in_b, count, round(100.0 * count / sum(count) over (), 2) as percent_of_total
  from dbt_counted
  order by in_a desc, in_b desc
  {%- else %}
  select *
  from dbt_rows
  where not (in_a and in_b)
  order by {{ primary_key ~ ', ' if primary_key }}in_a desc, in_b desc
  {%- if limit %}
  limit {{ limit }}
  {%- endif %}
  {%- endif %}
{%- endmacro %}
