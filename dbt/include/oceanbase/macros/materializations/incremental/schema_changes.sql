{#-
  Compare the columns of two relations for the config on_schema_change. The result is the result of dbt's macro. Unlike
  dbt's macro, this one reads the columns of both relations by one query, and ignores the case of column names, because
  the server ignores it.

  Args:
    source_relation (Relation): the staging table, which has the new rows
    target_relation (Relation): the model's table
  Returns: dict with schema_changed (bool), source_not_in_target, target_not_in_source, source_columns, target_columns
    (each list[Column]) and new_target_types (list[dict])
  Raises: an error if the server shows no columns of one of the two relations
-#}
{% macro oceanbase__check_for_schema_changes(source_relation, target_relation) %}
  {% set source_columns, target_columns = adapter.existing_columns_of([source_relation, target_relation]) %}
  {% set target_columns = adapter.written_columns(target_columns, source_columns) %}
  {% set source_names = source_columns | map(attribute='name') | map('lower') | list %}
  {% set target_names = {} %}
  {% for column in target_columns %}
    {% do target_names.update({column.name | lower: column.name}) %}
  {% endfor %}

  {% set added, removed, renamed = [], [], [] %}
  {% for column in source_columns %}
    {% if column.name | lower in target_names %}
      {% do renamed.append(api.Column.from_catalog(target_names[column.name | lower], column.data_type)) %}
    {% else %}
      {% do added.append(column) %}
    {% endif %}
  {% endfor %}
  {% for column in target_columns if column.name | lower not in source_names %}
    {% do removed.append(column) %}
  {% endfor %}
  {% set retyped = diff_column_data_types(renamed, target_columns) %}

  {{ return({
    'schema_changed': (added or removed or retyped) | length > 0,
    'source_not_in_target': added,
    'target_not_in_source': removed,
    'source_columns': source_columns,
    'target_columns': target_columns,
    'new_target_types': retyped
  }) }}
{% endmacro %}
