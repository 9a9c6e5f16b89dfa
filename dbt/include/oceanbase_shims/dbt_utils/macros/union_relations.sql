{#-
  Return a query for the rows of several relations, with the columns of all of them. A column that a relation lacks is
  NULL.

  The server chooses the type of each column, as in any UNION. Only the columns in column_override are cast. A missing
  column is selected as a subquery without rows on a relation that has the column, so it has the same type. A NULL
  without a type would change a boolean to a number, and the server refuses such a NULL for json.

  Args:
    relations (list[Relation])
    column_override (dict[str, str] | none): types by column name
    include (list[str]): names of columns to which the result is limited; empty for all
    exclude (list[str]): names of columns that are left out
    source_column_name (str | none): name of the result's column that has the name of the row's relation; none for no
      such column
    where (str | none): SQL condition for the rows of each relation
  Returns: str, SQL; empty while dbt parses the project
  Raises: an error if include and exclude are both given, or if a relation is an ephemeral model; in dbt run and dbt
    build also if no column is left
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
