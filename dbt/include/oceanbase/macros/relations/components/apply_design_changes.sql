{#-
  Change an existing table so that it has the indexes, options and other parts of the design that the configs of its
  node describe. The rows are kept, and only the parts that differ are changed. No statement is sent if the node has no
  such config.

  DDL commits an open transaction, so this is called before the transaction that writes the new rows. For a microbatch
  model, only the first batch that calls the macro changes the table.

  Args:
    relation (Relation): a table that this run has not created
  Raises: an error if a part cannot be changed while the table keeps its rows, or if the table differs and the config
    on_configuration_change is `fail`
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
