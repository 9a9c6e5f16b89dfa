{#-
  Return a SELECT of the given rows of an input of a unit test. This macro replaces dbt's macro, which has no dispatch.

  A text without a column has the session's collation. So if text columns of the input have another one, the SELECT
  begins with these columns of the input itself, without its rows: in a UNION, the texts get the collation of the column.
  Comparisons, `group by` and joins then treat them as they treat the values of the input.

  Args:
    rows (list[dict]): the values of each row by column name; NULL for columns that a row does not name
    column_name_to_data_types (none): dbt passes nothing
  Returns: str, SQL
  Raises: a compiler error if the relation of the input does not exist, or has no column of a name in a row
-#}
{% macro get_fixture_sql(rows, column_name_to_data_types) %}
{% set relation = defer_relation if defer_relation and not load_relation(this) else this %}
{%- set columns = adapter.get_columns_in_relation(relation) -%}
{%- if not columns -%}
  {{ exceptions.raise_compiler_error(
    "Not able to get columns for unit test '" ~ model.name ~ "' from relation " ~ this
    ~ " because the relation doesn't exist"
  ) }}
{%- endif -%}
{%- set types, nulls, quoted, collated = adapter.given_types(columns), {}, {}, [] -%}
{%- for column in columns -%}
  {%- set name = column.name | lower -%}
  {%- set is_collated = types[name] == 'collated_text' -%}
  {%- do quoted.update({name: column.quoted}) -%}
  {%- do nulls.update({name: 'null' if is_collated else safe_cast('null', types[name]) | trim}) -%}
  {%- do collated.append(name) if is_collated -%}
{%- endfor -%}
{{ validate_fixture_rows(rows, none) }}
{%- set selects = [] -%}
{%- if collated -%}
  {%- set of_columns = nulls.copy() -%}
  {%- for name in collated -%}{%- do of_columns.update({name: quoted[name]}) -%}{%- endfor -%}
  {%- do selects.append(oceanbase__fixture_row(of_columns, quoted) ~ ' from ' ~ relation.render() ~ ' where false') -%}
{%- elif not rows -%}
  {%- do selects.append(oceanbase__fixture_row(nulls, quoted) ~ ' limit 0') -%}
{%- endif -%}
{%- for row in adapter.given_rows(rows, model) -%}
  {%- set values = nulls.copy() -%}
  {%- do values.update(format_row(row, types)) -%}
  {%- do selects.append(oceanbase__fixture_row(values, quoted)) -%}
{%- endfor -%}
{{ selects | join('\nunion all\n') }}
{% endmacro %}

{% macro oceanbase__fixture_row(values, quoted) -%}
  select {% for name, value in values.items() %}{{ value }} as {{ quoted[name] }}{{ ', ' if not loop.last }}{% endfor %}
{%- endmacro %}
