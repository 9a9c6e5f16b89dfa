{#-
  Change an existing table to the design in the configs of its node: indexes, options and so on. Its rows are kept, and
  only what differs is changed. Sends no statement if the node has no such config. DDL commits, so this is called before
  the transaction of the new rows. For a microbatch model, only the first batch that calls it changes the table.

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
