{#-
  Return the names of all types of one kind, as information_schema spells them.

  Args:
    data_type (str): the kind: string, numeric, timestamp or boolean
  Returns: list[str], empty for another kind
-#}
{% macro oceanbase__data_type_list(data_type) -%}
  {{ return({
    'string': [
      'char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'enum', 'set', 'character varying', 'string'
    ],
    'numeric': [
      'tinyint', 'smallint', 'mediumint', 'int', 'integer', 'bigint', 'decimal', 'numeric', 'float', 'double', 'year',
      'bit'
    ],
    'timestamp': ['date', 'datetime', 'timestamp'],
    'boolean': ['boolean', 'tinyint(1)'],
  }.get(data_type, [])) }}
{%- endmacro %}
