{#-
  Return a query that compares the columns of two relations, with one row for each column: its position and its type in
  both relations, and whether they are the same. The case of column names does not matter.

  The macro itself compares the columns, and the query only has the results as constants. A view could not store the
  package's FULL JOIN with USING, and the server would ignore case in the types of ENUM columns.

  Args:
    a_relation (Relation): the first relation
    b_relation (Relation): the second relation
  Returns: str, SQL; empty while dbt parses the project
  Raises: a compiler error if a relation has no columns, because it does not exist
-#}
{% macro oceanbase__compare_relation_columns(a_relation, b_relation) -%}
  {%- if not execute -%}
    {{ return('') }}
  {%- endif -%}
  {%- set sides, rows = [], {} -%}
  {%- for relation in (a_relation, b_relation) -%}
    {%- set side = {} -%}
    {%- for column in adapter.get_columns_in_relation(relation) -%}
      {%- do side.update({column.column | lower: (loop.index, column.data_type | string)}) -%}
      {%- do rows.setdefault(column.column | lower, column.column) -%}
    {%- endfor -%}
    {%- if not side -%}
      {%- do exceptions.raise_compiler_error(
        'audit_helper.compare_relation_columns: ' ~ relation ~ ' has no columns; build it first, as a table or a view'
      ) -%}
    {%- endif -%}
    {%- do sides.append(side) -%}
  {%- endfor -%}
  select dbt_columns.*
  from (
  {%- for key, name in rows.items() %}
    {%- set a, b = sides[0].get(key), sides[1].get(key) %}
    select
      {{ adapter.text_literal(name) }} as column_name,
      {{ a[0] if a else 'cast(null as signed)' }} as a_ordinal_position,
      {{ b[0] if b else 'cast(null as signed)' }} as b_ordinal_position,
      {{ adapter.text_literal(a[1]) if a else 'cast(null as char(1))' }} as a_data_type,
      {{ adapter.text_literal(b[1]) if b else 'cast(null as char(1))' }} as b_data_type,
      {{ (a[0] == b[0]) | string | lower if a and b else 'false' }} as has_ordinal_position_match,
      {{ (a[1] == b[1]) | string | lower if a and b else 'false' }} as has_data_type_match,
      {{ 'false' if b else 'true' }} as in_a_only,
      {{ 'false' if a else 'true' }} as in_b_only,
      {{ 'true' if a and b else 'false' }} as in_both
    {%- if not loop.last %}
    union all
    {%- endif -%}
  {%- endfor %}
  ) as dbt_columns
  order by coalesce(a_ordinal_position, b_ordinal_position), in_b_only
{%- endmacro %}
