{#-
  Run a unit test by two statements. The first one is a query without rows, which reads the columns of the model (dbt's
  own materialization creates a table for this). The second one selects the actual and the expected rows.
-#}
{% materialization unit, adapter='oceanbase' %}
  {% set header = config.get('sql_header') if flags.REQUIRE_SQL_HEADER_IN_TEST_CONFIGS else none %}
  {% set expected_rows = adapter.expected_rows(config.get('expected_rows'), model.name) %}
  {% set types, quoted, compared, in_order = {}, {}, {}, [] %}
  {% for column in get_column_schema_from_query(sql, header) %}
    {% do types.update({column.name | lower: adapter.expected_type(column)}) %}
    {% do quoted.update({column.name | lower: column.quoted}) %}
    {% do compared.update({column.name | lower: adapter.compared_column(column)}) %}
    {% do in_order.append(column.name) %}
  {% endfor %}

  {% set expected_sql = config.get('expected_sql') or get_expected_sql(expected_rows, types, quoted) %}
  {% set expected_names = [] %}
  {% for name in (expected_rows[0].keys() if expected_rows | length > 0 else in_order) %}
    {% do expected_names.append(compared[name | lower]) %}
  {% endfor %}

  {% call statement('main', fetch_result=True, auto_begin=False) -%}
    {{ header if header is not none }}
    {{ get_unit_test_sql(adapter.without_final_semicolon(sql), adapter.without_final_semicolon(expected_sql), expected_names) }}
  {%- endcall %}
  {{ return({'relations': []}) }}
{% endmaterialization %}
