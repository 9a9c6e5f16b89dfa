{#-
  Replace a relation of any type by a new materialized view.

  The view is created under another name and renamed when it is complete, so readers always find a relation. The
  schedule of the view is set after that, because the server's job refreshes the name that the view had when the
  schedule was set.

  Args:
    target (Relation): the view, with the type materialized_view
    existing (Relation): the relation that has the view's name now
    sql (str): the query of the view
  Raises: an error if another run builds the view at the same time, or if a foreign key of another table refers to the
    relation that would be replaced
-#}
{% macro oceanbase__replace_by_materialized_view(target, existing, sql) %}
  {% do log('Applying REPLACE to: ' ~ target.render()) %}
  {% if existing.is_table %}
    {% do adapter.check_no_child_keys(existing) %}
  {% endif %}
  {% set staging = make_intermediate_relation(target) %}
  {% do oceanbase__prepare_staging(staging) %}
  {% if not oceanbase__create_materialized_view('main', staging, sql, scheduled=false) %}
    {% do adapter.unregister_staged(staging) %}
    {% do exceptions.raise_compiler_error(
      staging.render() ~ ' exists already, because another run builds it now: let one run end before the next begins'
    ) %}
  {% endif %}
  {% do oceanbase__swap_relations(staging, target, existing) %}
  {% for schedule in adapter.schedule_statements(target, config) %}
    {% call statement('schedule', auto_begin=False) -%}{{ schedule }}{%- endcall %}
  {% endfor %}
{% endmacro %}
