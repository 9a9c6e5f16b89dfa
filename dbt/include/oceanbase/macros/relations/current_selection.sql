{#-
  Return which command of dbt runs, and which nodes it has selected. No statement is sent.

  Returns: dict with `command` (str), such as `build`, and `nodes` (list of str), the unique ids of the selected nodes.
    dbt leaves `nodes` of the command before for `dbt retry`, which selects otherwise.
-#}
{% macro oceanbase__current_selection() %}
  {{ return({'command': flags.WHICH, 'nodes': selected_resources}) }}
{% endmacro %}
