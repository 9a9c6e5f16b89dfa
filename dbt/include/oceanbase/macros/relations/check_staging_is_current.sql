{#-
  Raise an error if the staging table, which has the new rows of the node, is not the table that this run has created.
  Callers do this right before COMMIT.

  If two runs build the same node at the same time, the second run treats the staging table of the first run as the
  leftover of a killed run, and replaces it by its own staging table. The rows that the first run then writes may come
  from either table.

  Args:
    staging (Relation): the staging table
    target (Relation): the table to which the open transaction has written
-#}
{% macro oceanbase__check_staging_is_current(staging, target) %}
  {% if not adapter.has_comment(staging, adapter.staging_comment()) %}
    {% do adapter.unregister_staged(staging) %}
    {% do exceptions.raise_compiler_error(
      target.render() ~ ': another run builds it at the same time, and ' ~ staging.render() ~ ' is not the one of this run '
      ~ 'any more: what this run wrote in its transaction is rolled back; let one run end before the next begins'
    ) %}
  {% endif %}
{% endmacro %}
