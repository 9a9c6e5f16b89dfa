{#-
  Return SQL for the position of a match of a regular expression in a text. The position is 0 if there is no match.

  Backslashes are doubled, because OceanBase reads them as escapes in literals, while standard SQL does not. The flag c
  is always set, because OceanBase ignores case in its usual collations without this flag.

  Args:
    source_value (str): SQL of the text
    regexp (str): the regular expression
    position (int): the position where the search begins, from 1
    occurrence (int): which of the matches is searched, from 1
    is_raw (bool): whether a quote in the expression is written once; otherwise it is written twice, as in an SQL
      literal
    flags (str | none): any of c (case counts, the default), i (case does not count), m (^ and $ match at each line) and
      n (. matches a newline)
  Returns: str, SQL
  Raises: a compiler error for any other flag
-#}
{% macro oceanbase__regexp_instr(source_value, regexp, position, occurrence, is_raw, flags) -%}
  {%- for flag in flags or '' if flag not in 'cimn' and execute -%}
    {%- do exceptions.raise_compiler_error(
      "dbt_expectations: OceanBase has no flag '" ~ flag ~ "' of regular expressions; use c, i, m or n"
    ) -%}
  {%- endfor -%}
  {%- set literal = adapter.text_literal(regexp) if is_raw else "'" ~ regexp | replace('\\', '\\\\') ~ "'" -%}
  regexp_instr({{ source_value }}, {{ literal }}, {{ position }}, {{ occurrence }}, 0, 'c{{ flags or '' }}')
{%- endmacro %}
