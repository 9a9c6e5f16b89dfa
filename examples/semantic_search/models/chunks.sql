{#- All chunks of a new or changed document replace its old ones. Chunks of other documents are not touched. -#}
{{ config(
    materialized='incremental',
    unique_key='document_id',
    post_hook="delete from {{ this }} where document_id not in (select document_id from {{ ref('documents') }})"
) }}

with documents as (

    select *, md5(concat(title, '\n', body)) as document_hash
    from {{ ref('documents') }}

),

changed as (

    select documents.*
    from documents
    {% if is_incremental() %}
    where not exists (
        select 1
        from {{ this }} as known
        where known.document_id = documents.document_id
            and known.document_hash = documents.document_hash
    )
    {% endif %}

),

paragraphs as (

    {#- The body becomes a JSON array of its paragraphs, and that becomes rows. -#}
    select
        changed.document_id,
        changed.document_hash,
        part.chunk_number,
        concat(changed.title, ': ', part.paragraph) as chunk
    from changed
    cross join json_table(
        concat('[', replace(json_quote(changed.body), '\\n\\n', '","'), ']'),
        '$[*]' columns (chunk_number for ordinality, paragraph text path '$')
    ) as part

)

select
    document_id,
    cast(chunk_number as signed) as chunk_number,
    document_hash,
    md5(chunk) as text_hash,
    chunk
from paragraphs
