{#-
  Compare the columns of two relations as dbt's macro does, with two differences. One query reads the columns of both,
  and the case of column names does not matter, because the server ignores it.
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
