{#-
  Select the rows that only one of two relations has. The column `which_diff` is `a_minus_b` for a row of `model`, and
  `b_minus_a` for a row of `compare_model`.

  EXCEPT compares texts by the server's collation, which ignores case, accents and trailing blanks. So EXCEPT also gets
  the bytes of each text, and texts are compared byte for byte. Before that, a UNION ALL with no rows of the other
  relation gives the columns of both relations the same types. With the config `collation: server`, the package's own
  test runs.

  Versions of dbt_utils before 1.2 have neither exclude_columns nor precision, and pass only three arguments.

  Args:
    model (Relation)
    compare_model (Relation)
    compare_columns (list[str] | none): SQL of the columns that are compared, or their names if there is a
      precision; none or ['*'] for all
    exclude_columns (list[str] | none): names of columns that are not compared
    precision (int | none): digits after the point to which DECIMAL, FLOAT and DOUBLE are rounded
  Raises: an error if both compare_columns and exclude_columns are given, if `model` is no relation, and the errors of
    oceanbase__compared_columns
-#}
{% macro oceanbase__test_equality(model, compare_model, compare_columns=none) %}
  {%- set exclude_columns, precision = (varargs | list + [none, none])[:2] -%}
  {%- if compare_columns and exclude_columns -%}
    {%- do exceptions.raise_compiler_error(
      'dbt_utils.equality: compare_columns and exclude_columns exclude each other; remove one of them'
    ) -%}
  {%- endif -%}
  {#- The number of failures is computed as in the package, so that limits such as error_if keep their meaning. -#}
  {%- do config(fail_calc="count(*) + coalesce(abs(sum(case when which_diff = 'a_minus_b' then 1 else -1 end)), 0)") -%}
  {%- if not execute -%}
    {{ return('') }}
  {%- endif -%}
  {%- if oceanbase__compares_by_collation() -%}
    {{ return(dbt_utils.default__test_equality(model, compare_model, compare_columns, *varargs)) }}
  {%- endif -%}
  {%- do dbt_utils._is_relation(model, 'test_equality') -%}
  {%- if compare_columns and compare_columns | join == '*' -%}
    {%- set compare_columns = none -%}
  {%- endif -%}
  {%- set names, values, texts = [], [], [] -%}
  {%- if compare_columns and not precision -%}
    {%- for column in compare_columns -%}
      {%- set is_name = modules.re.fullmatch('[A-Za-z0-9_$]+|`[^`]+`', column) -%}
      {%- do names.append(column if is_name else 'dbt_column_' ~ loop.index) -%}
      {%- do values.append(column) -%}
    {%- endfor -%}
    {%- do texts.extend(names) -%}
  {%- else -%}
    {%- for column, other in oceanbase_shims_dbt_utils.oceanbase__compared_columns(
      model, compare_model, compare_columns, exclude_columns
    ) -%}
      {%- set is_rounded = precision and (column.is_float() or column.is_numeric()) -%}
      {%- do names.append(column.quoted) -%}
      {%- do values.append('round(' ~ column.quoted ~ ', ' ~ precision ~ ')' if is_rounded else column.quoted) -%}
      {%- if column.compares_as_text() or other.compares_as_text() -%}
        {%- do texts.append(column.quoted) -%}
      {%- endif -%}
    {%- endfor -%}
  {%- endif -%}
  {%- set with_bytes = names | list -%}
  {%- for name in texts -%}
    {%- do with_bytes.append(adapter.bytes_of_text(name) ~ ' as dbt_bytes_' ~ loop.index) -%}
  {%- endfor -%}
  {%- set names, values, with_bytes = names | join(', '), values | join(', '), with_bytes | join(', ') -%}
with dbt_a ({{ names }}) as (
  select {{ values }} from {{ model }}
  union all
  select {{ values }} from {{ compare_model }} where false
),
dbt_b ({{ names }}) as (
  select {{ values }} from {{ compare_model }}
  union all
  select {{ values }} from {{ model }} where false
),
dbt_only_a as (
  select {{ with_bytes }} from dbt_a
  except
  select {{ with_bytes }} from dbt_b
),
dbt_only_b as (
  select {{ with_bytes }} from dbt_b
  except
  select {{ with_bytes }} from dbt_a
)
select 'a_minus_b' as which_diff, {{ names }} from dbt_only_a
union all
select 'b_minus_a' as which_diff, {{ names }} from dbt_only_b
{% endmacro %}
