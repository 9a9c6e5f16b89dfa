{#-
  Return a query for the first row of each group of a relation.

  OceanBase has neither QUALIFY nor DISTINCT ON. So the query numbers the rows of each group and selects those with the
  number 1. The result has all columns of the relation, but not the number.

  The columns of a common table expression are not known. In a unit test and for an ephemeral model, `ref` is one. The
  query then joins the relation with its numbered rows by a NATURAL JOIN. This join loses rows that have a NULL. If the
  result does not have a row for each group, the query looks for the row of each group by itself instead, which takes
  longer (see oceanbase__first_rows). In a unit test, whose relations are small, it does this at once.

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
  {%- elif model and model.resource_type == 'unit_test' -%}
  {{ oceanbase_shims_dbt_utils.oceanbase__first_rows(relation, partition_by, order_by) }}
  {%- else -%}
  with dbt_numbered as ({{ numbered }}),
  dbt_kept as (
    select distinct dbt_data.*
    from {{ relation }} as dbt_data
    natural join dbt_numbered
    where dbt_numbered.dbt_number = 1
  )
  {%- set groups = '(select count(*) from dbt_numbered where dbt_number = 1)' %}
  select * from dbt_kept
  where (select count(*) from dbt_kept) = {{ groups }}
  union all
  {{ oceanbase_shims_dbt_utils.oceanbase__first_rows(
    relation, partition_by, order_by, '(select count(*) from dbt_kept) <> ' ~ groups
  ) }}
  {%- endif -%}
{%- endmacro %}
