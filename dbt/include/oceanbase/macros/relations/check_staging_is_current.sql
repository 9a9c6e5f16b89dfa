{#-
  Raise an error if the staging table is not the one that this run has created. Called right before COMMIT.

  If two runs build the node at the same time, the second takes the staging table of the first for a leftover, and
  replaces it by a staging table of its own. The rows that the first run then writes may come from either table.

  Args:
    staging (Relation)
    target (Relation): the table that the open transaction has written to
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
