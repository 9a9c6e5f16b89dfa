{#-
  Gather the statistics of a table, if the node's config `analyze` says so.

  Args:
    relation (Relation): complete, and with no open transaction that has written to it
-#}
{% macro oceanbase__analyze(relation) %}
  {% set gather = adapter.analyze_statement(relation, config) %}
  {% if gather and relation.is_table %}
    {% call statement('analyze', auto_begin=False) -%}{{ gather }}{%- endcall %}
  {% endif %}
{% endmacro %}
