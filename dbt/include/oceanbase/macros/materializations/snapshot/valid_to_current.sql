{#-
  Replaces dbt's macro, which has no dispatch: the end of a version that is current.

  A text such as '9999-12-31' is sent as a date or datetime, since the server would make dbt_valid_to a text. A history
  whose dbt_valid_to is a text goes on with the text.

  Args:
    strategy (dict): dbt's snapshot strategy
    columns (dict): the names of the columns that dbt adds
    target_columns (list[Column]): those of the history, if there is one
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
