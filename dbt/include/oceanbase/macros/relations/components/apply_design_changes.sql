{#-
  Give an existing table, whose rows are kept, the design that the configs of its node describe: indexes, options and so
  on, by difference. Sends no statement if the node has no such config. DDL commits, so it is called before the
  transaction of the new rows. The batches of a microbatch model do it once.

  Args:
    relation (Relation): a table that this run does not create
-#}
{% macro oceanbase__apply_design_changes(relation) %}
  {% if not model.batch or adapter.first_time('design of ' ~ model.unique_id) %}
    {% for change in adapter.design_changes(relation, config) %}
      {% call statement('design_change', auto_begin=False) -%}
        {{ change }}
      {%- endcall %}
    {% endfor %}
  {% endif %}
{% endmacro %}
