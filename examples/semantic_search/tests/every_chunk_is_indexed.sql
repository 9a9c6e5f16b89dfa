{#- Chunks that are not in the search index. -#}
select chunks.document_id, chunks.chunk_number
from {{ ref('chunks') }} as chunks
left join {{ ref('search_index') }} as indexed
    on indexed.document_id = chunks.document_id and indexed.chunk_number = chunks.chunk_number
where indexed.document_id is null
