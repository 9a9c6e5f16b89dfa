{#-
  The position of a match of a regular expression, or 0. OceanBase takes backslashes out of literals, where standard SQL
  keeps them, and ignores case in its usual collations unless the flag c is given.

  Args:
    source_value (str): SQL
    regexp (str): without is_raw, a quote in it is written twice
    position (int): from 1, where the search begins
    occurrence (int): from 1
    is_raw (bool): whether a quote in the expression stands for itself
    flags (str): of c (case counts, the default), i (it does not), m (^ and $ match at lines), n (. matches a newline)
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
