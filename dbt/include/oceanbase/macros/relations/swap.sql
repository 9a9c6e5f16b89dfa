{#-
  Put a staged relation in the place of an existing one: one RENAME of both, which no reader can see between, then
  the old one is dropped by its true type.

  Args:
    staging (Relation): complete
    target (Relation): the name and type it takes
    existing (Relation): what stands there now
-#}
{% macro oceanbase__swap(staging, target, existing) %}
  {% set backup = adapter.stage(make_backup_relation(target, existing.type)) %}
  {% call statement('swap', auto_begin=False) -%}
    rename table {{ existing.render() }} to {{ backup.render() }}, {{ staging.render() }} to {{ target.render() }}
  {%- endcall %}
  {% do adapter.unstage(staging) %}
  {% do adapter.cache_dropped(existing) %}
  {% do adapter.cache_added(target) %}
  {% do adapter.drop_replaced(backup, target) %}
{% endmacro %}
