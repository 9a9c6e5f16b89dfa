{#-
  Put a staging relation in the place of an existing one. One atomic RENAME renames both, then the old one is dropped as
  the type that it has on the server.

  Args:
    staging (Relation): complete
    target (Relation): the name and type that it gets
    existing (Relation): what has that name now
-#}
{% macro oceanbase__swap_relations(staging, target, existing) %}
  {% set backup = adapter.register_staged(make_backup_relation(target, existing.type)) %}
  {% call statement('swap', auto_begin=False) -%}
    rename table {{ existing.render() }} to {{ backup.render() }}, {{ staging.render() }} to {{ target.render() }}
  {%- endcall %}
  {% do adapter.unregister_staged(staging) %}
  {% do adapter.cache_dropped(existing) %}
  {% do adapter.cache_added(target) %}
  {% do adapter.drop_replaced(backup, target) %}
{% endmacro %}
