{#-
  Return a query for the columns of a relation and the names of their types. The type tinyint(1) is named boolean,
  because the server stores booleans as tinyint(1).

  Args:
    relation (Relation)
  Returns: str, SQL of a query with the columns table_schema, table_name, column_name, ordinal_position and data_type
-#}
{% macro oceanbase__select_from_information_schema_columns(relation) -%}
  select
    table_schema, table_name, column_name, ordinal_position,
    case column_type when 'tinyint(1)' then 'boolean' else data_type end as data_type
  from information_schema.columns
  where table_schema = {{ adapter.text_literal(relation.schema) }}
    and table_name = {{ adapter.text_literal(relation.identifier) }}
  order by ordinal_position
{%- endmacro %}
