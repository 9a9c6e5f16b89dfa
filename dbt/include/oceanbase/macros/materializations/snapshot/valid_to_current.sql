{#-
  Return SQL of the column dbt_valid_to for a version that has not ended. The column's name is its alias. This macro
  replaces dbt's macro, which has no dispatch.

  The value is NULL, or the config dbt_valid_to_current. If this config is a text such as '9999-12-31', it is sent as a
  typed literal, because the server would otherwise make dbt_valid_to a text. If the dbt_valid_to of an existing table
  is a text already, the text is sent.

  Args:
    strategy (dict): dbt's snapshot strategy
    columns (dict): the configured name of each column that dbt adds, by dbt's name such as dbt_scd_id
    target_columns (list[Column]): the columns of the snapshot's table; empty if the table does not exist yet
  Returns: str, SQL
-#}
{% macro get_dbt_valid_to_current(strategy, columns, target_columns=[]) -%}
  {%- set current = config.get('dbt_valid_to_current') or 'null' -%}
  {%- set texts = [] -%}
  {%- for column in target_columns if column.is_string() and column.name | lower == columns.dbt_valid_to | trim('`') | lower -%}
    {%- do texts.append(column) -%}
  {%- endfor -%}
  coalesce(nullif({{ strategy.updated_at }}, {{ strategy.updated_at }}), {{ current if texts else adapter.typed_moment(current) }})
  as {{ columns.dbt_valid_to }}
{% endmacro %}
