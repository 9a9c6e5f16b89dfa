{#-
  Return a WITH clause whose last query, `all_relationships`, has a row for each pair of a resource and another resource
  that depends on it, directly or through others. It also has a row for each resource with itself.

  The column `path` is a JSON array of the names from the first resource to the last one. The package's own macro makes
  an ARRAY, which the server refuses in a recursive query (error 4016).

  Returns: str, SQL
  Raises: a compiler error if the variable `max_depth_dag` is too small
-#}
{% macro oceanbase__recursive_dag() -%}
  {%- set columns = {
    'id': 'resource_id', '': 'resource_name', 'resource_type': 'resource_type', 'model_type': 'model_type',
    'materialized': 'materialized', 'access': 'access', 'is_public': 'is_public', 'source_name': 'source_name',
    'file_path': 'file_path', 'directory_path': 'directory_path', 'file_name': 'file_name',
    'is_excluded': 'is_excluded'
  } -%}
  {%- set names = [] -%}
  {%- for side in ('parent', 'child') -%}
    {%- for name in columns -%}
      {%- do names.append(side ~ '_' ~ name if name else side) -%}
    {%- endfor -%}
  {%- endfor -%}
  {%- set max_depth, threshold = var('max_depth_dag') | int, var('chained_views_threshold') | int -%}
  {%- if 0 < max_depth < [2, threshold] | max -%}
    {%- do exceptions.raise_compiler_error(
      'max_depth_dag: ' ~ max_depth ~ ' is too small; it must be at least 2 and at least chained_views_threshold ('
      ~ threshold ~ '), or -1 for no limit'
    ) -%}
  {%- endif -%}
  with recursive direct_relationships as (
    select * from {{ ref('int_direct_relationships') }} where resource_type <> 'test'
  ),
  all_relationships ({{ names | join(', ') }}, distance, path, is_dependent_on_chain_of_views) as (
    select distinct
      {{ (columns.values() | list + columns.values() | list) | join(', ') }},
      0,
      json_array(resource_name),
      cast(null as signed)
    from direct_relationships
    union all
    select
      {%- for name in names[:columns | length] %}
      found.{{ name }},
      {%- endfor %}
      {%- for column in columns.values() %}
      further.{{ column }},
      {%- endfor %}
      found.distance + 1,
      json_array_append(found.path, '$', further.resource_name),
      coalesce(found.child_materialized in ('view', 'ephemeral'), false)
        and coalesce(found.is_dependent_on_chain_of_views, true)
    from direct_relationships as further
    inner join all_relationships as found on found.child_id = further.direct_parent_id
    {%- if max_depth > 0 %}
    where found.distance <= {{ max_depth }}
    {%- endif %}
  )
{%- endmacro %}
