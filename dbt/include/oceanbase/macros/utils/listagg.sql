{#-
  The values of a group in one text (longtext), without NULL values. They are ordered by themselves if no order is given,
  so that every run returns the same text.

  The server cuts the result of GROUP_CONCAT at group_concat_max_len bytes, with a warning only. The adapter's sessions
  raise that limit. Another client that reads a view has the server's default (1024) unless it is raised for all:
  SET GLOBAL group_concat_max_len.

  Args:
    measure (str): SQL, possibly with DISTINCT before it
    delimiter_text (str): SQL
    order_by_clause (str | none): including ORDER BY
    limit_num (int | none): the number of values, not counting NULL
-#}
{% macro oceanbase__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
  {#- SEPARATOR takes a literal only, and the separator that LIMIT counts must not occur in a value -#}
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
  {#- GROUP_CONCAT alone is varchar(65536), and longer values fail in a table; the second operand makes it longtext -#}
  coalesce({{ values }}, cast(null as char(262145)))
{%- endmacro %}
