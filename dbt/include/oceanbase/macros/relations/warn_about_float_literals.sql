{#-
  Warn once for each node if its SELECT has float literals, such as 1e0. In a view and in CREATE TABLE ... AS the server
  stores them as decimals, and they lose digits.

  Args:
    sql (str): a SELECT, which is searched if the node has no compiled code
-#}
{% macro oceanbase__warn_about_float_literals(sql) %}
  {% set warning = adapter.float_literal_warning(model.get('compiled_code') or sql, model.unique_id) %}
  {% if warning and adapter.first_time('float literals of ' ~ model.unique_id) %}
    {% do exceptions.warn(warning) %}
  {% endif %}
{% endmacro %}
