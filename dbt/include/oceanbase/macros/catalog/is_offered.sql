{#-
  Return an SQL condition that is true for the name of a relation that macros for packages may offer to a project.

  The server's internal tables are left out, and so are the relations that the adapter has only while it builds a node:
  staging relations and backups, which an interrupted run leaves behind. They have the rows of the node a second time.
  Their names end as in the Python module incremental/leftovers.py.

  Args:
    name (str): SQL of the relation's name
-#}
{% macro oceanbase__is_offered(name) -%}
  {{ oceanbase__is_not_internal(name) }}
    and lower({{ name }}) not regexp '__dbt_(tmp(_rows)?(_[0-9]{4,8}(t[0-9][0-9])?)?|backup)$'
{%- endmacro %}
