{#-
  Check whether a generic test compares texts by the server's collation, which folds case, accents and trailing blanks,
  as its config `collation: server` asks for. The default is byte for byte, as on other databases.
-#}
{% macro oceanbase__compares_by_collation() -%}
  {%- set collation = config.get('collation') or (config.get('meta') or {}).get('collation') -%}
  {%- if collation and collation not in ('server', 'binary') -%}
    {%- do exceptions.raise_compiler_error(
      "collation: there is no " ~ collation ~ ": use `server` to compare texts by the server's collation, or `binary` "
      ~ "(the default) to compare them byte for byte") -%}
  {%- endif -%}
  {%- do return(collation == 'server') -%}
{%- endmacro %}
