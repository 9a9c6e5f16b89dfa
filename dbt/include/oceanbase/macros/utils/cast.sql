{#-
  Return SQL that casts a value to any type that a column can have. CAST itself accepts few type names (see cast_target
  in types.py).

  A cast to boolean (and to tinyint(1), which keeps numbers other than 0 and 1) reads true, t, yes, y, on, 1 and false,
  f, no, n, off, 0 in any case, numbers and bits. Any other text is error 3141 (Invalid JSON text), also in SELECT.

  In a cast to another type, the server changes a bad value to 0 or NULL with a warning in SELECT and in views, and
  raises error 1292 in CREATE TABLE ... AS and INSERT. The server ignores an offset in a text ('... 10:00:00+02:00').

  Args:
    field (str): SQL of the value, which is evaluated once
    type (str): the type
  Returns: str, SQL
-#}
{% macro oceanbase__cast(field, type) -%}
  {%- set type = type | string -%}
  {%- set target = api.Column.cast_target(type) -%}
  {%- set literal = field | string | trim | lower -%}
  {%- set castable = target.split('(')[0] in (
    'signed', 'unsigned', 'char', 'binary', 'date', 'datetime', 'time', 'year', 'decimal', 'float', 'double', 'json'
  ) -%}
  {%- if literal == 'null' and not castable -%}
    null
  {%- elif literal == 'null' or api.Column.canonical_type(type) != 'tinyint(1)' -%}
    cast({{ field }} as {{ target }})
  {%- else -%}
    {%- set is_number = modules.re.match('(true|false|[-+]?[0-9]+)$', literal) -%}
    {%- set text = oceanbase__boolean_text_as_number(field) -%}
    {%- set number = field if is_number else "cast(regexp_replace(" ~ text ~ ", '^(?!-?[0-9])', '?') as json)" -%}
    {%- if type | trim | lower in ('bool', 'boolean') -%}
      (cast({{ number }} as double) <> 0)
    {%- else -%}
      cast({{ number }} as signed)
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}
