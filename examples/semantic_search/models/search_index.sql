{{ config(
    materialized='table',
    primary_key=['document_id', 'chunk_number'],
    indexes=[
        {'columns': ['embedding'], 'name': 'by_meaning', 'vector': {'distance': 'cosine', 'type': 'hnsw'}},
        {'columns': ['chunk'], 'name': 'by_words', 'type': 'fulltext'},
    ]
) }}

select
    chunks.document_id,
    chunks.chunk_number,
    documents.topic,
    documents.title,
    chunks.chunk,
    embeddings.embedding
from {{ ref('chunks') }} as chunks
join {{ ref('embeddings') }} as embeddings on embeddings.text_hash = chunks.text_hash
join {{ ref('documents') }} as documents on documents.document_id = chunks.document_id
