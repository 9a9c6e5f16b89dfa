{% macro oceanbase__create_schema(relation) %}
  {% call statement('create_schema', auto_begin=False) -%}
    create database if not exists {{ relation.without_identifier() }}
  {%- endcall %}
{% endmacro %}

{% macro oceanbase__drop_schema(relation) %}
  {% call statement('drop_schema', auto_begin=False) -%}
    drop database if exists {{ relation.without_identifier() }}
  {%- endcall %}
{% endmacro %}

{% macro oceanbase__generate_database_name(custom_database_name=none, node=none) %}
  {%- if custom_database_name -%}
    {% do exceptions.raise_compiler_error(
      "database: '" ~ custom_database_name ~ "' on " ~ (node.name if node else 'a node')
      ~ ": OceanBase has schemas only (it calls them databases): remove `database` and set `schema` instead"
    ) %}
  {%- endif -%}
  {% do return(none) %}
{% endmacro %}

{#-
  Return the alias of a node, which is the name of its relation. The alias of a test is the name of the table that
  stores its failures. If the alias of a test is too long for a table, it is shortened and ends in a hash.

  Args:
    custom_alias_name (str | none): the config alias
    node (node | none): the node, from dbt's parser
  Returns: str
-#}
{% macro oceanbase__generate_alias_name(custom_alias_name=none, node=none) %}
  {%- set name = dbt.default__generate_alias_name(custom_alias_name, node) | trim -%}
  {% do return(adapter.shortened_name(name) if node and node.resource_type == 'test' else name) %}
{% endmacro %}
