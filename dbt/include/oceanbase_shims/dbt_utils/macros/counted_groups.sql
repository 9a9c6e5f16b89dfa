{#-
  Return a query that counts the rows of each group in a relation. The result has one row for each group, with the
  values of the group, the bytes of each value that is a text (columns `dbt_bytes_1`, `dbt_bytes_2` and so on, NULL for
  other types) and the number of rows. Texts with different bytes are in different groups.

  A UNION ALL with no rows of another relation gives the values the same types as those of the other relation.

  Args:
    relation (Relation | str): the relation whose rows are counted
    other (Relation | str): the other relation
    columns (list[str]): names of the columns by which rows are grouped; both relations have them
    count (str): name of the result's column with the number of rows
-#}
{% macro oceanbase__counted_groups(relation, other, columns, count) -%}
  {%- set names = columns | join(', ') -%}
  select {{ names }}, {% for column in columns -%}
    {{ adapter.bytes_of_text(column) }} as dbt_bytes_{{ loop.index }}, {% endfor -%}
    count(*) as {{ count }}
    from (
      select {{ names }} from {{ relation }}
      union all
      select {{ names }} from {{ other }} where false
    ) as dbt_rows
    group by {{ oceanbase_shims_dbt_utils.oceanbase__each_with_bytes(columns) }}
{%- endmacro %}
