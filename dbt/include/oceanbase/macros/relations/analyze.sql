{#-
  Gather the statistics of a table, if the node's config `analyze` asks for it.

  Args:
    relation (Relation): a table with all its rows, to which no open transaction has written; nothing is done for a view
-#}
{% macro oceanbase__analyze(relation) %}
  {% set gather = adapter.analyze_statement(relation, config) %}
  {% if gather and relation.is_table %}
    {% call statement('analyze', auto_begin=False) -%}{{ gather }}{%- endcall %}
  {% endif %}
{% endmacro %}
