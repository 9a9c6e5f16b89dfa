{#-
  Return SQL that joins texts by CONCAT. The result is NULL if one of the texts is NULL, as with || in other databases.
  In OceanBase || means OR.

  Args:
    fields (list[str]): SQL of each text
  Returns: str, SQL
-#}
{% macro oceanbase__concat(fields) -%}
  concat({{ fields | join(', ') }})
{%- endmacro %}
