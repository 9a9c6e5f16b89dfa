{#-
  Return SQL of a cast that is NULL for a value that does not fit the type, in SELECT, CREATE TABLE ... AS and INSERT.
  This holds for integers, decimals, floating point numbers (of all these also for a value out of range, which the
  server would replace by the largest one), booleans and JSON.

  The server replaces a number that is too large for a double by the largest one, so the largest double itself is NULL
  too. So is a number with an exponent, or with more digits after the point than the type has, if it is within 1e-16 of
  the bound of a decimal of 65 digits.

  It does not hold for dates, times and texts with a length, because the server has no TRY_CAST, and no pattern can
  decide whether a text is a date. A text that is no date or time gives NULL in SELECT and in views, but error 1292 in
  CREATE TABLE ... AS and INSERT. A text that is too long for its type is cut in SELECT and in views, and gives error
  1292 in CREATE TABLE ... AS and INSERT.

  Args:
    field (str): SQL of the value, which is evaluated more than once for numbers and JSON
    type (str): the type
  Returns: str, SQL
-#}
{% macro oceanbase__safe_cast(field, type) -%}
  {%- set type = type | string -%}
  {%- set target = api.Column.cast_target(type) -%}
  {%- set kind = target.split('(')[0] -%}
  {%- set is_boolean = api.Column.canonical_type(type) == 'tinyint(1)' -%}
  {%- set pattern = '^[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]{1,3})?$' -%}
  {%- set text = oceanbase__boolean_text_as_number(field) if is_boolean else 'trim(cast(' ~ field ~ ' as char))' -%}
  {%- set number = 'regexp_substr(' ~ text ~ ", '" ~ pattern ~ "')" -%}
  {%- if oceanbase__is_safe_literal(field, target) -%}
    {{ oceanbase__cast(field, type) }}
  {%- elif type | trim | lower in ('bool', 'boolean') -%}
    (cast({{ number }} as double) <> 0)
  {%- elif kind in ('signed', 'unsigned') -%}
    {%- set range = '0 and 18446744073709551615' if kind == 'unsigned' else '-9223372036854775808 and 9223372036854775807' -%}
    {%- set number = 'cast(' ~ number ~ ' as decimal(65,0))' -%}
    case when {{ number }} between {{ range }} then cast({{ number }} as {{ kind }}) end
  {%- elif kind == 'decimal' -%}
    {%- set precision, scale = target[8:-1].split(',') -%}
    {%- set whole_digits = precision | int - scale | int -%}
    {#- A number that is too large for 65 digits becomes the largest one of 65 digits. So it is compared as a double,
      which is next to the bound the same for different numbers: without an exponent, the digits are counted. -#}
    {%- set digits = '^[-+]?0*[0-9]{1,' ~ whole_digits ~ '}([.][0-9]{0,' ~ scale ~ '}0*)?$' -%}
    {%- set fits = ' and (abs(cast(' ~ number ~ " as double)) < cast('1e" ~ whole_digits ~ "' as double) or " ~ number
      ~ " regexp '" ~ digits ~ "')" if precision == '65' else '' -%}
    {%- set number = 'cast(' ~ number ~ ' as decimal(65,' ~ scale ~ '))' -%}
    case when abs({{ number }}) < 1{{ '0' * whole_digits }}{{ fits }} then cast({{ number }} as {{ target }}) end
  {%- elif kind in ('float', 'double') -%}
    {%- set limit = '3.4028235677973366e38' if kind == 'float' else '1.7976931348623157e308' -%}
    {#- the limit is a text, because a model is warned of a bare float literal in its SQL -#}
    {%- set fits = 'abs(cast(' ~ number ~ " as double)) < cast('" ~ limit ~ "' as double)" %}
    cast(case when {{ fits }} then {{ number }} end as {{ target }})
  {%- elif kind == 'json' -%}
    cast(if(json_valid(cast({{ field }} as char)), cast({{ field }} as char), null) as json)
  {%- else -%}
    {{ oceanbase__cast(field, type) }}
  {%- endif -%}
{%- endmacro %}
