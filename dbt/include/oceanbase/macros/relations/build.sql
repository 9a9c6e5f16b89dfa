{#-
  Make the target what its SELECT says, with no moment without it.

  A new relation, and a view over a view, take one statement. Everything else is built aside and swapped in; so is
  one whose name turns out to be taken by something the cache does not know.

  Args:
    target (Relation): with its type, table or view
    existing (Relation or none): what the cache knows under that name
    sql (str): the SELECT
    keeps_rows (bool): a table that the cache does not know is not replaced, as its rows may stand nowhere else
-#}
{% macro oceanbase__build(target, existing, sql, keeps_rows=false) %}
  {% set in_place = existing is none or (existing.is_view and target.is_view) %}
  {% if in_place %}
    {% if oceanbase__main_create(target, get_create_sql(target, sql)) %}
      {% do oceanbase__describe(target) %}
      {{ return('') }}
    {% endif %}
    {% set existing = adapter.actual_relation(target) %}
    {% if keeps_rows and existing.is_table %}
      {% do exceptions.raise_compiler_error(
        target.render() ~ ' exists, and did not when this run read its schema: nothing was changed; run the node again, which then adds to it'
      ) %}
    {% endif %}
  {% endif %}
  {% if target.is_view and existing.is_table %}
    {% do adapter.check_view_over_table(existing) %}
  {% endif %}
  {% set staging = make_intermediate_relation(target) %}
  {% do oceanbase__stage(staging) %}
  {% call statement('main', auto_begin=False) -%}
    {{ get_create_sql(staging, sql) }}
  {%- endcall %}
  {% do oceanbase__describe(staging) %}
  {% do oceanbase__swap(staging, target, existing) %}
{% endmacro %}
