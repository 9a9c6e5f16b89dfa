{#- Raise an error before dbt's own materialization drops anything. -#}
{% materialization materialized_view, adapter='oceanbase' %}
  {% do exceptions.raise_compiler_error(
    'materialized_view: not yet supported by dbt-oceanbase: use table or incremental, and run the model as often as its rows shall be renewed'
  ) %}
{% endmaterialization %}
