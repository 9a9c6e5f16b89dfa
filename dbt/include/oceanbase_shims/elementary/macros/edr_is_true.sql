{#-
  Return SQL of the condition that a boolean is true. A boolean is a number for the server.

  Args:
    expr (str): SQL of the boolean, see oceanbase__without_boolean_cast
  Returns: str, SQL
-#}
{% macro oceanbase__edr_is_true(expr) -%}
  ({{ oceanbase_shims_elementary.oceanbase__without_boolean_cast(expr) }} <> 0)
{%- endmacro %}
