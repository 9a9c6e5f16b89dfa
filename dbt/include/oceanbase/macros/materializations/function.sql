{#-
  Build a scalar function in SQL. The server has no CREATE OR REPLACE for functions, so an existing function is dropped
  and created again. Before that, the new code is tried under another name. If the server refuses the code, the old
  function is still there.

  Python is in the list `supported_languages` although it is not supported, so that dbt calls get_function_macro_name,
  whose error says what to do instead. JavaScript is not in the list, because dbt-core 1.11.2 does not know it and could
  not read any project.
-#}
{% materialization function, adapter='oceanbase', supported_languages=['sql', 'python'] %}
  {#- dbt calls pre_model_hook, which checks the configs of all other nodes, for no function -#}
  {% do adapter.begin_function(config) %}
  {% do oceanbase__refuse_unsupported_values() %}
  {% set target_relation = this.incorporate(type=this.Function) %}
  {% set function_config = this.get_function_config(model) %}
  {% do this.get_function_macro_name(function_config) %}
  {% do oceanbase__refuse_unsupported_function_configs() %}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {% do function_execute_build_sql(scalar_function_sql(target_relation), load_cached_relation(this), target_relation) %}
  {#- dbt does this for other nodes. With --defer, a node calls the function of the state if the cache has none. -#}
  {% do adapter.cache_added(target_relation) %}

  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% do adapter.commit() %}
  {{ run_hooks(post_hooks, inside_transaction=False) }}

  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#-
  Check the properties of a function that OceanBase or this adapter does not support. Warn about defaults of arguments.

  Raises: a compiler error if the function has overloads or grants
-#}
{% macro oceanbase__refuse_unsupported_function_configs() %}
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

{#-
  Return the words of CREATE FUNCTION for the function's config `volatility`: `deterministic` for deterministic, and
  `not deterministic` for stable and non-deterministic, because the server has only these two kinds. A stable function
  may return another value in a later statement. Without the config, return nothing. Any other value gets dbt's warning.
-#}
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

{#-
  Create or replace a function.

  If dbt's cache has no function of that name, CREATE is tried first. In most cases it succeeds, and no other statement
  is sent. If the name is taken, the new code is tested under another name. Then the old function is dropped and the new
  one is created.

  Args:
    build_sql (str): the CREATE FUNCTION statement
    existing_relation (Relation or none): the relation that dbt's cache has under the function's name
    target_relation (Relation): the function
-#}
{% macro oceanbase__function_execute_build_sql(build_sql, existing_relation, target_relation) %}
  {% set known = existing_relation is not none and existing_relation.is_function %}
  {% if known or not oceanbase__try_main_create(target_relation, build_sql) %}
    {% set trial = adapter.register_staged(make_temp_relation(target_relation)) %}
    {% do run_query(trial.drop_statement()) %}
    {% do run_query(scalar_function_sql(trial)) %}
    {% do run_query(trial.drop_statement(if_exists=false)) %}
    {% do adapter.unregister_staged(trial) %}
    {% do run_query(target_relation.drop_statement()) %}
    {% call statement('main', auto_begin=False) -%}
      {{ build_sql }}
    {%- endcall %}
  {% endif %}
{% endmacro %}
