{#-
  Return a query that turns columns of a relation into rows. The result has one row for each row of the relation and
  each column, with the column's name and value. Columns in `exclude` and `remove` are not turned into rows. The values
  are cast by dbt.cast, because CAST itself accepts few types.

  Args:
    relation (Relation): required
    cast_to (str): the type to which the values are cast
    exclude (list[str] | none): names of columns that each row keeps
    remove (list[str] | none): names of columns that are left out
    field_name (str): name of the result's column with the names
    value_name (str): name of the result's column with the values
    quote_identifiers (bool): whether names of columns are quoted
  Returns: str, SQL
  Raises: an error if there is no relation, or if it is an ephemeral model
-#}
{% macro oceanbase__unpivot(
  relation=none, cast_to='varchar', exclude=none, remove=none, field_name='field_name', value_name='value',
  quote_identifiers=false
) -%}
  {%- if not relation -%}
    {%- do exceptions.raise_compiler_error('dbt_utils.unpivot: the argument relation is missing; give it a relation') -%}
  {%- endif -%}
  {%- do dbt_utils._is_relation(relation, 'unpivot') -%}
  {%- do dbt_utils._is_ephemeral(relation, 'unpivot') -%}
  {%- set kept = exclude or [] -%}
  {%- set left_out = (kept + (remove or [])) | map('lower') | list -%}
  {%- set columns = [] -%}
  {%- for column in adapter.get_columns_in_relation(relation) if column.column | lower not in left_out -%}
    {%- do columns.append(column) -%}
  {%- endfor -%}
  {%- for column in columns %}
    {%- set value = adapter.quote(column.column) if quote_identifiers else column.column %}
  select
    {%- for name in kept %}
    {{ adapter.quote(name) if quote_identifiers else name }},
    {%- endfor %}
    {{ dbt.cast(adapter.text_literal(column.column), dbt.type_string()) }} as
      {{ adapter.quote(field_name) if quote_identifiers else field_name }},
    {{ dbt.cast(dbt.cast_bool_to_text(value) if column.data_type == 'boolean' else value, cast_to) }} as
      {{ adapter.quote(value_name) if quote_identifiers else value_name }}
  from {{ relation }}
    {% if not loop.last %}union all{% endif -%}
  {%- endfor -%}
{%- endmacro %}
