{#-
  Check whether a generic test has the config `collation: server`. The test then compares texts by the server's
  collation, which ignores case, accents and trailing blanks. By default, texts are compared byte for byte, as on other
  databases.

  Returns: bool
  Raises: a compiler error if the config is neither `server` nor `binary`
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
