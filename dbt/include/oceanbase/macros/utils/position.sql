{#- The position of a text in another one. Case and accents count. The server's default collation would ignore both. -#}
{% macro oceanbase__position(substring_text, string_text) -%}
  position(cast({{ substring_text }} as char charset utf8mb4) collate utf8mb4_bin in {{ string_text }})
{%- endmacro %}
