{#-
  Raise an error if the staging table of an external model, which is later renamed to the model's name, no longer reads
  the files of this run. In this case, another run of the model has replaced it by its own table. That table is not
  dropped when this run ends.

  Args:
    staging (Relation): the staging table
    files (ModelFiles): the files of this run
-#}
{% macro oceanbase__check_own_files(staging, files) %}
  {% if not adapter.reads_files(staging, files) %}
    {% do adapter.unregister_staged(staging) %}
    {% do exceptions.raise_compiler_error(
      staging.render() ~ ': another run of this model builds it now: let one run end before the next begins'
    ) %}
  {% endif %}
{% endmacro %}
