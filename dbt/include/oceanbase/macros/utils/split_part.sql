{#-
  Return SQL for one of the parts into which a delimiter divides a text. Parts are counted from 1, or from the end with
  a negative number. A part that does not exist is an empty text. An empty delimiter divides nothing: the whole text is
  the first and the last part. The delimiter is found only in the same case, while the server's own SPLIT_PART compares
  by the collation.

  Args:
    string_text (str): SQL of the text, which may be evaluated more than once
    delimiter_text (str): SQL of the delimiter, which may be evaluated more than once
    part_number (int): the number of the part
  Returns: str, SQL
  Raises: a compiler error if part_number is 0 or not an integer
-#}
{% macro oceanbase__split_part(string_text, delimiter_text, part_number) -%}
  {%- set number = part_number | int -%}
  {%- if execute and (number == 0 or number | string != part_number | string | trim) -%}
    {% do exceptions.raise_compiler_error("split_part: part_number must be an integer other than 0, not '" ~ part_number ~ "'") %}
  {%- endif -%}
  {%- set text, delimiter = '(' ~ string_text ~ ')', '(' ~ delimiter_text ~ ')' -%}
  {%- if number == 1 or number == -1 -%}
    {%- set part = 'substring_index(' ~ text ~ ', ' ~ delimiter ~ ', ' ~ number ~ ')' -%}
    {%- if modules.re.match("'[^'\\\\]+'$", delimiter_text | string | trim) -%}
    {{ part }}
    {%- else -%}
    {#- SUBSTRING_INDEX by an empty delimiter is an empty text -#}
    case when char_length({{ delimiter }}) = 0 then {{ text }} else {{ part }} end
    {%- endif -%}
  {%- elif number > 0 -%}
    {%- set before = 'char_length(substring_index(' ~ text ~ ', ' ~ delimiter ~ ', ' ~ (number - 1) ~ '))' -%}
    substring_index(substr({{ text }}, {{ before }} + char_length({{ delimiter }}) + 1), {{ delimiter }}, 1)
  {%- else -%}
    {%- set after = 'char_length(substring_index(' ~ text ~ ', ' ~ delimiter ~ ', ' ~ (number + 1) ~ '))' -%}
    substring_index(left({{ text }}, char_length({{ text }}) - {{ after }} - char_length({{ delimiter }})), {{ delimiter }}, -1)
  {%- endif -%}
{%- endmacro %}
