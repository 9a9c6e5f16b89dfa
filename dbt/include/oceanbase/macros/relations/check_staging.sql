{#-
  Make sure, right before the COMMIT, that what was written came from the table that this run has staged: another run
  of the node takes it for a leftover of a killed one, and puts its own in the place of it.

  Args:
    staging (Relation)
    target (Relation): what was written to, in the transaction that is open
-#}
{% macro oceanbase__check_staging(staging, target) %}
  {% if not adapter.has_comment(staging, oceanbase__staging_comment()) %}
    {% do adapter.unstage(staging) %}
    {% do exceptions.raise_compiler_error(
      target.render() ~ ': another run builds it at the same time, and ' ~ staging.render() ~ ' is not the one of this run '
      ~ 'any more: what this run wrote in its transaction is rolled back; let one run end before the next begins'
    ) %}
  {% endif %}
{% endmacro %}
