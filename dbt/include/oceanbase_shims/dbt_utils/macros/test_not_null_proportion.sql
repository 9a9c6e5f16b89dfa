{#-
  Select the groups in which the proportion of rows with a value in a column is outside of bounds, with this proportion
  (`not_null_proportion`). NULL is no value. Without rows, nothing is selected.

  The number of rows with a value is cast to a DECIMAL, so the proportion has 24 digits after the point. In the package's
  quotient it has four digits: with one NULL in 100,000 rows it would be 1, and a test with `at_least: 1` would pass.

  Rows are grouped byte for byte (see oceanbase__grouped_by_bytes), or by the server's collation with the config
  `collation: server`.

  Args:
    model (Relation | str)
    group_by_columns (list[str]): names of the columns by which rows are grouped; empty for one group of all rows
    column_name (str): the column
    at_least (float): the lower bound
    at_most (float): the upper bound, 1 by default
    arg (str | float): a value for column_name, at_least or at_most that is not given
-#}
{% macro oceanbase__test_not_null_proportion(model, group_by_columns=[]) %}
  {%- set given = kwargs.get('arg') -%}
  {%- set column_name, at_least = kwargs.get('column_name', given), kwargs.get('at_least', given) -%}
  {%- set at_most = kwargs.get('at_most', kwargs.get('arg', 1)) -%}
  {%- set names = group_by_columns | join(', ') -%}
  {%- set model, columns = oceanbase__grouped_by_bytes(model, group_by_columns) -%}
select *
from (
  select
    {% if names %}{{ names }},{% endif %}
    cast(count({{ column_name }}) as decimal(44, 20)) / count(*) as not_null_proportion
  from {{ model }}
  {%- if columns %}
  group by {{ columns | join(', ') }}
  {%- endif %}
) as dbt_proportions
where not_null_proportion < {{ at_least }} or not_null_proportion > {{ at_most }}
{% endmacro %}
