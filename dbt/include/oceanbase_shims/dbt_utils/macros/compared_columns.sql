{#-
  Return the columns that the test `equality` compares, as the server describes them. Names are compared without case.

  Args:
    model (Relation)
    compare_model (Relation)
    compare_columns (list[str] | none): names of the columns; none for all
    exclude_columns (list[str] | none): names of columns that are left out
  Returns: list[tuple[Column, Column]], for each name the column of `model` and the column of `compare_model`
  Raises: an error if a relation is an ephemeral model, whose columns the server does not know, if one of the two
    relations has a compared column that the other one lacks, or if no relation has a column of compare_columns
-#}
{% macro oceanbase__compared_columns(model, compare_model, compare_columns, exclude_columns) -%}
  {%- set wanted = (compare_columns or []) | map('replace', '`', '') | map('lower') | list -%}
  {%- set unwanted = (exclude_columns or []) | map('lower') | list -%}
  {%- set found, pairs = [{}, {}], [] -%}
  {%- for relation in (model, compare_model) -%}
    {%- set columns = found[loop.index0] -%}
    {%- do dbt_utils._is_ephemeral(relation, 'test_equality') -%}
    {%- for column in adapter.get_columns_in_relation(relation) -%}
      {%- set name = column.name | lower -%}
      {%- if name not in unwanted and (not wanted or name in wanted) -%}
        {%- do columns.update({name: column}) -%}
      {%- endif -%}
    {%- endfor -%}
  {%- endfor -%}
  {%- if found[0] | sort != found[1] | sort -%}
    {%- do exceptions.raise_compiler_error(
      'dbt_utils.equality: ' ~ model ~ ' and ' ~ compare_model ~ ' have different columns; name those to compare in '
      ~ 'compare_columns, or leave the others out with exclude_columns'
    ) -%}
  {%- endif -%}
  {%- for name in wanted if name not in found[0] -%}
    {%- do exceptions.raise_compiler_error(
      'dbt_utils.equality: compare_columns has ' ~ name ~ ', which is a column of neither ' ~ model ~ ' nor '
      ~ compare_model ~ '; correct the name (with precision, compare_columns takes nothing but names of columns)'
    ) -%}
  {%- endfor -%}
  {%- for name, column in found[0].items() -%}
    {%- do pairs.append((column, found[1][name])) -%}
  {%- endfor -%}
  {%- do return(pairs) -%}
{%- endmacro %}
