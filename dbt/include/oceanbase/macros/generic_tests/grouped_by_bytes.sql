{#-
  Return a relation and a list of columns by which a test of a package groups the relation's rows byte for byte. The
  returned relation is a subquery. It has the rows of the given relation, and for each of the columns the bytes of the
  column's text (columns `dbt_bytes_1`, `dbt_bytes_2` and so on, empty for NULL and for types other than text). The
  returned list has these columns too. So 'A' and 'a', which are equal for the server's collation, are in different
  groups.

  Without columns, or with the config `collation: server`, the relation and the list are returned as they are.

  Args:
    relation (Relation | str): the relation whose rows are grouped
    columns (list[str] | none): SQL of the columns by which rows are grouped
  Returns: tuple[Relation | str, list[str] | none]
  Raises: a compiler error if the config `collation` has an unknown value
-#}
{% macro oceanbase__grouped_by_bytes(relation, columns) -%}
  {%- if not columns or oceanbase__compares_by_collation() -%}
    {{ return((relation, columns)) }}
  {%- endif -%}
  {%- set names, values = columns | list, [] -%}
  {%- for column in columns -%}
    {%- do names.append('dbt_bytes_' ~ loop.index) -%}
    {%- do values.append("coalesce(" ~ adapter.bytes_of_text(column) ~ ", '') as dbt_bytes_" ~ loop.index) -%}
  {%- endfor -%}
  {{ return(('(select *, ' ~ values | join(', ') ~ ' from ' ~ relation ~ ') as dbt_with_bytes', names)) }}
{%- endmacro %}
