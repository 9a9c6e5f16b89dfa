{#-
  Return SQL of an aggregate that joins the values of a group to one text (longtext). NULL values are left out. Without
  an order, the values are sorted, so that every run returns the same text.

  The server cuts the result of GROUP_CONCAT at group_concat_max_len bytes, with a warning only. The adapter raises this
  limit for its own sessions. If another client reads a view with this SQL, the server's default of 1024 bytes applies,
  unless SET GLOBAL group_concat_max_len has changed it.

  Args:
    measure (str): SQL of the values, possibly with DISTINCT before it
    delimiter_text (str): SQL of the text between two values
    order_by_clause (str | none): the order of the values, including ORDER BY
    limit_num (int | none): the maximum number of values, not counting NULL
  Returns: str, SQL
-#}
{% macro oceanbase__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
  {#-
    The separator of GROUP_CONCAT must be a literal. If there is a limit, it must also be a text that occurs in no
    value, because SUBSTRING_INDEX counts the separators. In both cases the mark is the separator, and the delimiter
    replaces it later.
  -#}
  {%- set mark = "'\x1f\x1e\x1f'" -%}
  {%- set is_literal = modules.re.match("'([^'\\\\]|''|\\\\.)*'$", delimiter_text | trim) -%}
  {%- set separator = delimiter_text if is_literal and not limit_num else mark -%}
  {%- set value = modules.re.sub('(?i)^ *distinct +', '', measure | string) -%}
  {%- set order_by = ' ' ~ (order_by_clause or 'order by ' ~ value ~ ', cast(' ~ value ~ ' as binary)') -%}
  {%- set values = 'group_concat(' ~ measure ~ order_by ~ ' separator ' ~ separator ~ ')' -%}
  {%- if limit_num -%}
    {%- set values = 'substring_index(' ~ values ~ ', ' ~ mark ~ ', ' ~ limit_num ~ ')' -%}
  {%- endif -%}
  {%- if separator == mark -%}
    {%- set values = 'replace(' ~ values ~ ', ' ~ mark ~ ', ' ~ delimiter_text ~ ')' -%}
  {%- endif -%}
  {#-
    The type of GROUP_CONCAT is varchar(65536), and longer values fail in a table. The second operand changes it to
    longtext.
  -#}
  coalesce({{ values }}, cast(null as char(262145)))
{%- endmacro %}
