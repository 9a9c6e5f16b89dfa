{#-
  Run the hooks that belong inside dbt's transaction, or the hooks that belong outside of it. The statements of a hook
  are sent one by one. This macro replaces dbt's macro, which sends COMMIT before hooks outside of the transaction even
  if no transaction is open.

  Args:
    hooks (list[Hook]): pre-hooks or post-hooks
    inside_transaction (bool): which of the hooks are run
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
