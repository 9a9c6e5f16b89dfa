{#-
  Return an SQL condition that is true for the name of a table that is not one of the server's internal tables. These
  are the tables that a running CREATE TABLE ... AS fills (__ctas_), and those that store materialized views
  (__mv_container_) and their logs (mlog$_).

  Args:
    name (str): SQL of the table's name
-#}
{% macro oceanbase__is_not_internal(name) -%}
  left({{ name }}, 7) <> '__ctas_' and left({{ name }}, 15) <> '__mv_container_' and left({{ name }}, 6) <> 'mlog$_'
{%- endmacro %}
