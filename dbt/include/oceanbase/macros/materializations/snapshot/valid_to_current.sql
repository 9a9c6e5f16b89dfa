{#-
  The end of a current version. Replaces dbt's macro, which has no dispatch.

  If the config dbt_valid_to_current is a text such as '9999-12-31', a typed literal is sent, because the server would
  otherwise make dbt_valid_to a text. If the dbt_valid_to of an existing history is a text already, the text is sent.

  Args:
    strategy (dict): dbt's snapshot strategy
    columns (dict): the names of the columns that dbt adds
    target_columns (list[Column]): those of the history, empty if there is no history yet
  Returns: str
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
