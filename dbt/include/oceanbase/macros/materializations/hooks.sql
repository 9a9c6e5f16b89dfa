{#-
  Run the hooks inside or outside of the transaction, each statement of a hook on its own. dbt's own macro sends a
  literal commit first, which would be one statement per node without a transaction.
-#}
{% macro run_hooks(hooks, inside_transaction=True) %}
  {% for hook in hooks | selectattr('transaction', 'equalto', inside_transaction) %}
    {% if not inside_transaction and loop.first %}
      {% do adapter.commit() %}
    {% endif %}
    {% set rendered = render(hook.get('sql')) | trim %}
    {% if rendered | length > 0 %}
      {% call statement(auto_begin=inside_transaction) -%}
        {{ rendered }}
      {%- endcall %}
    {% endif %}
  {% endfor %}
{% endmacro %}
