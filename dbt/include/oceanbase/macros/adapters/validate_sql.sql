{% macro oceanbase__validate_sql(sql) -%}
  {% call statement('validate_sql', auto_begin=False) -%}
    explain {{ sql }}
  {%- endcall %}
  {{ return(load_result('validate_sql')) }}
{% endmacro %}
