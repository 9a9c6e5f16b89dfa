{#-
  Return a query for the first row of each group of a relation.

  OceanBase has neither QUALIFY nor DISTINCT ON. So the query numbers the rows of each group and selects those with the
  number 1. The result has all columns of the relation, but not the number.

  If the relation is a common table expression, its columns are not known. The query then joins the relation with its
  numbered rows by a NATURAL JOIN. This join loses rows that have a NULL. If a row is lost, the query fails with error
  1242 (Subquery returns more than 1 row).

  Args:
    relation (Relation | str): the relation, or the name of a common table expression
    partition_by (str): SQL of the columns by which rows are grouped
    order_by (str): SQL of the order of the rows in a group
  Returns: str
-#}
{% macro oceanbase__deduplicate(relation, partition_by, order_by) -%}
  {%- set columns = adapter.get_columns_in_relation(relation) if execute and relation is not string else [] -%}
  {%- set numbered -%}
    select dbt_rows.*, row_number() over (partition by {{ partition_by }} order by {{ order_by }}) as dbt_number
    from {{ relation }} as dbt_rows
  {%- endset -%}
  {%- if columns -%}
  select {{ columns | map(attribute='quoted') | join(', ') }}
  from ({{ numbered }}) as dbt_numbered
  where dbt_number = 1
  {%- else -%}
  with dbt_numbered as ({{ numbered }}),
  dbt_kept as (
    select distinct dbt_data.*
    from {{ relation }} as dbt_data
    natural join dbt_numbered
    where dbt_numbered.dbt_number = 1
  )
  select * from dbt_kept
  union all
  select dbt_data.*
  from {{ relation }} as dbt_data
  where (
    select 1
    from (select 1 union all select 1) as dbt_two_rows
    where (select count(*) from dbt_kept) < (select count(*) from dbt_numbered where dbt_number = 1)
  )
  {%- endif -%}
{%- endmacro %}
