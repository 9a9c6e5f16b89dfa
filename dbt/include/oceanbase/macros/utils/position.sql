{#- Case and accents count, as in other databases. The server's default collation ignores both. -#}
{% macro oceanbase__position(substring_text, string_text) -%}
  position(cast({{ substring_text }} as char charset utf8mb4) collate utf8mb4_bin in {{ string_text }})
{%- endmacro %}
