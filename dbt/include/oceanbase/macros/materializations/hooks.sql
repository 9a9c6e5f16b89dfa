{#-
  Run the hooks that belong inside the transaction, or those outside of it. The statements of a hook are sent one by
  one. dbt's own macro sends a literal commit first, also where no transaction is open.
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
