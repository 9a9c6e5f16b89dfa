{#-
  Return a query that compares the rows of two queries. It returns the rows that only one of the two queries has, or
  with `summarize` the numbers of rows that only the first, only the second, or both queries have. Equal rows of a query
  are counted once.

  Texts are compared byte for byte, so the columns are first read from the server. A unit test is an exception, since
  the server does not know the columns of the ephemeral models that it reads. In a unit test the package's own macro
  runs, which compares texts by their collation.

  Versions of audit_helper before 0.10 have no limit, and pass only four arguments.

  Args:
    a_query (str): the first query, as SQL
    b_query (str): the second query, as SQL
    primary_key (str | none): SQL of the columns by which rows are sorted, if they are not counted
    summarize (bool): whether rows are counted
    limit (int | none): the maximum number of rows, if they are not counted
  Returns: str, SQL; empty while dbt parses the project
  Raises: a compiler error if a query outside of a unit test reads an ephemeral model
-#}
{% macro oceanbase__compare_queries(a_query, b_query, primary_key=none, summarize=true) -%}
  {%- set limit = varargs | first if varargs else none -%}
  {%- if not execute -%}
    {{ return('') }}
  {%- endif -%}
  {%- if '__dbt__cte__' in a_query ~ b_query -%}
    {%- if model is defined and model.resource_type == 'unit_test' -%}
      {{ return(audit_helper.default__compare_queries(a_query, b_query, primary_key, summarize, *varargs)) }}
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
