{#- The questions whose best chunk is not of the document that answers them. -#}
-- depends_on: {{ ref('questions') }}
-- depends_on: {{ ref('search_index') }}
-- depends_on: {{ ref('chunks') }}
-- depends_on: {{ ref('precomputed_vectors') }}
{% if execute %}
{% for row in run_query('select question, document_id from ' ~ ref('questions') ~ ' order by question').rows %}
select * from (
  select '{{ row[1] }}' as expected, found.* from ({{ hybrid_search(row[0], 1) }}) as found
) as one
where document_id <> expected
{{ 'union all' if not loop.last }}
{% endfor %}
{% endif %}
