{#-
  Return SQL for the position of a text in another text, from 1, or 0 if it does not occur. Case and accents count,
  although the server's default collation ignores both.

  Args:
    substring_text (str): SQL of the text to find
    string_text (str): SQL of the text to search
  Returns: str, SQL
-#}
{% macro oceanbase__position(substring_text, string_text) -%}
  position(cast({{ substring_text }} as char charset utf8mb4) collate utf8mb4_bin in {{ string_text }})
{%- endmacro %}
