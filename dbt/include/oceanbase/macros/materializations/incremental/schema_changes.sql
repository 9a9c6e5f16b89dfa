{#-
  Columns of the staged rows and of the target in one query. A table without columns is one that the catalog does not
  show: what follows from it, that all columns were new or gone, would be wrong.
-#}
{% macro oceanbase__columns_of_both(staging, target) %}
  {% set found = adapter.columns_of([staging, target]) %}
  {% for relation in [staging, target] %}
    {% if not found[loop.index0] %}
      {% do exceptions.raise_compiler_error(
        'the catalog shows no columns of ' ~ relation.render() ~ ': nothing was changed; check the rights on it, and '
        ~ 'that nothing else drops it during the run'
      ) %}
    {% endif %}
  {% endfor %}
  {{ return(found) }}
{% endmacro %}

{#- dbt's own comparison, with names that differ by case alone taken for one, as the server does, in one query. -#}
{% macro oceanbase__check_for_schema_changes(source_relation, target_relation) %}
  {% set source_columns, target_columns = oceanbase__columns_of_both(source_relation, target_relation) %}
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
