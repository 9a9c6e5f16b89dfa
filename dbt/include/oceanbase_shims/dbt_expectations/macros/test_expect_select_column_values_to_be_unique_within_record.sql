{#-
  Select the rows in which a column is NULL, or in which two columns have the same value. Texts are compared byte for
  byte, or by the server's collation with the config `collation: server`. A text beside a number, a date or bytes is
  compared with it as it is written, since for the server `'abc'` equals 0.

  Each column is compared with each other one. Versions of the package before 0.10.3 number the rows by a window that is
  ordered by a constant, which the server refuses (error 3592).

  Args:
    model (Relation | str)
    column_list (list[str]): the columns
    quote_columns (bool): whether the columns are names that have to be quoted; otherwise they are SQL
    ignore_row_if (str): which rows are left out, for the package's macro ignore_row_if_expression
    row_condition (str | none): SQL condition for the rows that are read
-#}
{% macro oceanbase__test_expect_select_column_values_to_be_unique_within_record(
  model, column_list, quote_columns, ignore_row_if, row_condition
) -%}
  {%- set columns, repeated, by_collation = [], [], oceanbase__compares_by_collation() -%}
  {%- for column in column_list -%}
    {%- do columns.append(adapter.quote(column) if quote_columns else column) -%}
  {%- endfor -%}
  {%- for one in columns -%}
    {%- do repeated.append(one ~ ' is null') -%}
    {%- for other in columns[loop.index:] -%}
      {%- do repeated.append(adapter.same_value(one, other, by_collation)) -%}
    {%- endfor -%}
  {%- endfor -%}
select {{ columns | join(', ') }}
from {{ model }}
where (
  {{ repeated | join('\n  or ') }}
)
  {%- if row_condition %}
  and ({{ row_condition }})
  {%- endif %}
  and {{ dbt_expectations.ignore_row_if_expression(ignore_row_if, columns) }}
{%- endmacro %}
