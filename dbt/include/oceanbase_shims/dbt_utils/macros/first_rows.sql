{#-
  Return a query for the first row of each group of a relation whose columns are not known. A row with NULL is kept.

  For each group the relation is read once more. So the time grows with the number of groups times the number of rows.

  Args:
    relation (Relation | str): the relation, or the name of a common table expression
    partition_by (str): SQL of the columns by which rows are grouped
    order_by (str): SQL of the order of the rows in a group
    condition (str): SQL condition without columns; if it is not true, the query has no rows
  Returns: str
-#}
{% macro oceanbase__first_rows(relation, partition_by, order_by, condition='true') -%}
  {%- set keys, tests = [], [] -%}
  {%- for expression in oceanbase_shims_dbt_utils.oceanbase__expressions(partition_by) -%}
    {%- do keys.append(expression ~ ' as dbt_key_' ~ loop.index) -%}
    {%- do tests.append('(' ~ expression ~ ') <=> dbt_keys.dbt_key_' ~ loop.index) -%}
  {%- endfor -%}
  select dbt_first.*
  from (select distinct {{ keys | join(', ') }} from {{ relation }} as dbt_rows where {{ condition }}) as dbt_keys,
    lateral (
      select dbt_rows.*
      from {{ relation }} as dbt_rows
      where {{ tests | join(' and ') }}
      order by {{ order_by }}
      limit 1
    ) as dbt_first
{%- endmacro %}
