{% macro oceanbase__rename_relation(from_relation, to_relation) %}
  {% call statement('rename_relation', auto_begin=False) -%}
    rename table {{ from_relation.render() }} to {{ to_relation.render() }}
  {%- endcall %}
{% endmacro %}
