{#-
  Return a query for the distinct rows of two relations. Its columns in_a and in_b say which of the two relations has
  the row.

  INTERSECT and EXCEPT would treat texts as equal if only their case, accents or trailing blanks differ. So rows are
  grouped by their values and by the bytes of their texts instead. UNION ALL gives the columns of both relations the
  same types.

  Args:
    a (str): SQL name of the first relation
    b (str): SQL name of the second relation
    columns (list[str]): SQL of all columns of the relations, in their order
    in_a (str): another name for the result's column in_a
    in_b (str): another name for the result's column in_b
  Returns: str, SQL
-#}
{% macro oceanbase__audit_sides(a, b, columns, in_a='in_a', in_b='in_b') -%}
  select {{ columns | join(', ') }}, max({{ in_a }}) as {{ in_a }}, max({{ in_b }}) as {{ in_b }}
  from (
    select {{ a }}.*, true as {{ in_a }}, false as {{ in_b }} from {{ a }}
    union all
    select {{ b }}.*, false as {{ in_a }}, true as {{ in_b }} from {{ b }}
  ) as dbt_sides
  group by {{ oceanbase_shims_audit_helper.oceanbase__audit_bytes(columns) }}
{%- endmacro %}
