{#-
  Return the names of types of a kind, as in information_schema.

  Args:
    data_type (str): string, numeric, timestamp or boolean
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
