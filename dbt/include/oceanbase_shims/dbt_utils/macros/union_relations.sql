{#-
  A query for the rows of several relations, with the columns of all of them. A column that a relation lacks is NULL.

  Columns have the type that holds the values of all relations, as in any UNION. Only those of column_override are cast.
  A missing column is a subquery without rows on a relation that has the column, so it has the same type. A NULL without
  a type would change a boolean to a number, and the server refuses it for json. In dbt run and dbt build, raises an
  error if no column is left.

  Args:
    relations (list[Relation])
    column_override (dict[str, str] | none): types of columns
    include (list[str]): columns to which the result is limited
    exclude (list[str]): columns that are left out; only one of both lists may be given
    source_column_name (str | none): name of the column with the relation's name; without a name there is none
    where (str | none): condition on the rows of each relation
-#}
{% macro oceanbase__union_relations(
  relations, column_override=none, include=[], exclude=[], source_column_name='_dbt_source_relation', where=none
) -%}
  {%- if include and exclude -%}
    {%- do exceptions.raise_compiler_error(
      'dbt_utils.union_relations: include and exclude are both given, of which one decides; leave out the other'
    ) -%}
  {%- endif -%}
  {%- if not execute -%}
    {{ return('') }}
  {%- endif -%}
  {%- set included, excluded = include | map('lower') | list, exclude | map('lower') | list -%}
  {%- set types = {} -%}
  {%- for name, type in (column_override or {}).items() -%}
    {%- do types.update({name | lower: type}) -%}
  {%- endfor -%}
  {%- set all_columns = {} -%}
  {%- set present = [] -%}
  {%- for relation in relations -%}
    {%- do dbt_utils._is_relation(relation, 'union_relations') -%}
    {%- do dbt_utils._is_ephemeral(relation, 'union_relations') -%}
    {%- set names = [] -%}
    {%- for column in adapter.get_columns_in_relation(relation) -%}
      {%- set name = column.column | lower -%}
      {%- if name not in excluded and (name in included or not included) -%}
        {%- do names.append(name) -%}
        {%- do all_columns.setdefault(name, (column, relation)) -%}
      {%- endif -%}
    {%- endfor -%}
    {%- do present.append(names) -%}
  {%- endfor -%}
  {%- if not all_columns and flags.WHICH in ('run', 'build') -%}
    {%- do exceptions.raise_compiler_error(
      'dbt_utils.union_relations: no columns are left of ' ~ relations | join(', ') ~ '; check include and exclude'
    ) -%}
  {%- endif -%}
  {%- for relation in relations -%}
    {%- set names = present[loop.index0] -%}
    {%- set values = [] -%}
    {%- if source_column_name is not none -%}
      {%- do values.append(adapter.text_literal(relation.render()) ~ ' as ' ~ source_column_name) -%}
    {%- endif -%}
    {%- for name, (column, owner) in all_columns.items() -%}
      {%- set value = column.quoted if name in names else '(select ' ~ column.quoted ~ ' from ' ~ owner ~ ' limit 0)' -%}
      {%- do values.append((dbt.cast(value, types[name]) if name in types else value) ~ ' as ' ~ column.quoted) -%}
    {%- endfor %}
  (
    select {{ values | join(', ') if all_columns else '*' }}
    from {{ relation }}
    {%- if where %}
    where {{ where }}
    {%- endif %}
  )
    {% if not loop.last %}union all{% endif -%}
  {%- endfor -%}
{%- endmacro %}
