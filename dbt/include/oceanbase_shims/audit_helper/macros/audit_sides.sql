{#-
  A query for the distinct rows of two relations, with the columns in_a and in_b that say which of them has a row.

  INTERSECT and EXCEPT would take texts for equal whose case, accents or trailing blanks differ. Rows are grouped by
  their values and by the bytes of their texts instead. UNION ALL gives both sides the same types.

  Args:
    a (str): relation a
    b (str): relation b
    columns (list[str]): all columns of both, in their order, as SQL
    in_a (str): name of the column
    in_b (str): name of the column
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
