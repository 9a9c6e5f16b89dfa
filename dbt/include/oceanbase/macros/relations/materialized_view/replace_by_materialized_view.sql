{#-
  Replace a relation of any type by a new materialized view. The view is created under another name and renamed when it
  is complete, so readers always find a relation. The schedule is set after that, because the server's job refreshes the
  name for which it was set. Raises an error if another run builds the view at the same time.

  Args:
    target (Relation): with the type materialized_view
    existing (Relation): what has that name now
    sql (str): the query
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
