{#-
  A query for the chunks that answer a question best, by meaning and by words.

  Each of the two searches ranks its best chunks. A chunk's score is the sum of 1 / (60 + rank) over the searches that
  found it (reciprocal rank fusion), so that distances and match scores, which have different scales, need no weights.

  Args:
    question (str): the question
    count (int): the number of rows
  Returns: str, a SELECT of document_id, chunk_number, chunk, meaning_rank and word_rank (NULL if the search did not
    find the chunk) and score
-#}
{% macro hybrid_search(question, count=5) %}
{%- set distance = 'cosine_distance(embedding, ' ~ vector_of(question) ~ ')' %}
{%- set match = 'match (chunk) against (' ~ dbt.string_literal(dbt.escape_single_quotes(question)) ~ ')' %}
with nearest as (

    select document_id, chunk_number, {{ distance }} as distance
    from {{ ref('search_index') }}
    order by {{ distance }} approximate
    limit 20

),

matching as (

    select document_id, chunk_number, {{ match }} as match_score
    from {{ ref('search_index') }}
    where {{ match }}
    order by match_score desc
    limit 20

),

ranks as (

    select
        document_id,
        chunk_number,
        row_number() over (order by distance, document_id, chunk_number) as meaning_rank,
        cast(null as signed) as word_rank
    from nearest
    union all
    select
        document_id,
        chunk_number,
        cast(null as signed) as meaning_rank,
        row_number() over (order by match_score desc, document_id, chunk_number) as word_rank
    from matching

),

fused as (

    select
        document_id,
        chunk_number,
        max(meaning_rank) as meaning_rank,
        max(word_rank) as word_rank,
        sum(1e0 / (60 + coalesce(meaning_rank, word_rank))) as score
    from ranks
    group by document_id, chunk_number

)

select
    fused.document_id,
    fused.chunk_number,
    chunks.chunk,
    fused.meaning_rank,
    fused.word_rank,
    round(fused.score, 6) as score
from fused
join {{ ref('chunks') }} as chunks
    on chunks.document_id = fused.document_id and chunks.chunk_number = fused.chunk_number
order by score desc, fused.document_id, fused.chunk_number
limit {{ count }}
{%- endmacro %}
