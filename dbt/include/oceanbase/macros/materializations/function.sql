{#-
  A scalar function in SQL. The server has no CREATE OR REPLACE for it: an existing one is dropped and created. Its text
  is created under another name first, so that one that the server refuses leaves the old function as it is.

  Python is named for dbt to come as far as this, where get_function_macro_name says what to do instead. JavaScript is
  not: dbt-core 1.11.2 does not know it, and would read no project at all.
-#}
{% materialization function, adapter='oceanbase', supported_languages=['sql', 'python'] %}
  {% set target_relation = this.incorporate(type=this.Function) %}
  {% set function_config = this.get_function_config(model) %}
  {% do this.get_function_macro_name(function_config) %}
  {% do oceanbase__refuse_of_function() %}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {% do function_execute_build_sql(scalar_function_sql(target_relation), load_cached_relation(this), target_relation) %}

  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% do adapter.commit() %}
  {{ run_hooks(post_hooks, inside_transaction=False) }}

  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#- What a function may be configured with and would not get. -#}
{% macro oceanbase__refuse_of_function() %}
  {% set name = 'function ' ~ model.name %}
  {% if model.get('overloads') %}
    {% do exceptions.raise_compiler_error(
      'overloads of ' ~ name ~ ': ' ~ model.overloads | map(attribute='defined_in') | join(', ')
      ~ ': OceanBase keeps one function for each name: remove overloads, and give each of them arguments and a name of its own'
    ) %}
  {% endif %}
  {% if config.get('grants') %}
    {% do exceptions.raise_compiler_error(
      'grants on ' ~ name ~ ': not yet supported by dbt-oceanbase: remove it and use a post-hook, such as '
      ~ '"grant execute on function {{ this }} to reader"'
    ) %}
  {% endif %}
  {% for argument in model.arguments if argument.get('default_value') is not none %}
    {% do exceptions.warn(
      'default_value of argument ' ~ argument.name ~ ' of ' ~ name
      ~ ': arguments have no defaults in OceanBase: every call has to give it (the server refuses one that does not)'
    ) %}
  {% endfor %}
{% endmacro %}

{% macro oceanbase__scalar_function_sql(target_relation) -%}
  {{ oceanbase__scalar_function_create_replace_signature_sql(target_relation) }}
  {{ scalar_function_body_sql() }}
{%- endmacro %}

{% macro oceanbase__scalar_function_create_replace_signature_sql(target_relation) -%}
  create function {{ target_relation.render() }} ({{ formatted_scalar_function_args_sql() }})
  returns {{ api.Column.ddl_type(model.returns.data_type) }}
  {{ scalar_function_volatility_sql() }}
  {%- if config.persist_relation_docs() and model.description %} comment {{ adapter.comment_literal(model.description) }}{% endif %}
{%- endmacro %}

{% macro oceanbase__formatted_scalar_function_args_sql() -%}
  {%- for argument in model.arguments -%}
    {{ adapter.quote(argument.name) }} {{ api.Column.ddl_type(argument.data_type) }}{{ ', ' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}

{#- The engine knows two kinds; a stable function is one that it must not take for deterministic. -#}
{% macro oceanbase__scalar_function_volatility_sql() -%}
  {%- set volatility = model.config.get('volatility') -%}
  {%- if volatility == 'deterministic' -%}
    deterministic
  {%- elif volatility in ('stable', 'non-deterministic') -%}
    not deterministic
  {%- elif volatility is not none -%}
    {%- do unsupported_volatility_warning(volatility) -%}
  {%- endif -%}
{%- endmacro %}

{% macro oceanbase__scalar_function_body_sql() -%}
  {{ adapter.function_body(model.compiled_code) }}
{%- endmacro %}

{% macro oceanbase__function_execute_build_sql(build_sql, existing_relation, target_relation) %}
  {% set known = existing_relation is not none and existing_relation.is_function %}
  {% if known or not oceanbase__main_create(target_relation, build_sql) %}
    {% set trial = adapter.stage(make_temp_relation(target_relation)) %}
    {% do run_query(trial.drop_statement()) %}
    {% do run_query(scalar_function_sql(trial)) %}
    {% do run_query(trial.drop_statement(if_exists=false)) %}
    {% do adapter.unstage(trial) %}
    {% do run_query(target_relation.drop_statement()) %}
    {% call statement('main', auto_begin=False) -%}
      {{ build_sql }}
    {%- endcall %}
  {% endif %}
{% endmacro %}
