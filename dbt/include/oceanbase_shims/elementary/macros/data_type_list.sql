{#-
  Return the names of all types of one kind, as columns have them, without lengths and precisions. The package cuts a
  type at its parenthesis before it looks for it in the list.

  Args:
    data_type (str): the kind: string, numeric, timestamp or boolean
  Returns: list[str], empty for another kind
-#}
{% macro oceanbase__data_type_list(data_type) -%}
  {%- set numbers = [] -%}
  {%- for name in (
    'tinyint', 'smallint', 'mediumint', 'int', 'integer', 'bigint', 'decimal', 'numeric', 'float', 'double'
  ) -%}
    {%- do numbers.extend([name, name ~ ' unsigned', name ~ ' unsigned zerofill']) -%}
  {%- endfor -%}
  {{ return({
    'string': [
      'char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'enum', 'set', 'character varying', 'string'
    ],
    'numeric': numbers + ['year', 'bit'],
    'timestamp': ['date', 'datetime', 'timestamp'],
    'boolean': ['boolean'],
  }.get(data_type, [])) }}
{%- endmacro %}
