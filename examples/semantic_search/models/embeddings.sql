{#- Only texts without a vector get one, so that no text is sent to the AI model twice. -#}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    contract={'enforced': true}
) }}

with texts as (

    select text_hash, max(chunk) as content from {{ ref('chunks') }} group by text_hash

),

missing as (

    select texts.text_hash, texts.content
    from texts
    {% if is_incremental() %}
    where not exists (select 1 from {{ this }} as known where known.text_hash = texts.text_hash)
    {% endif %}

)

{% if var('use_ai_model') %}
select text_hash, ai_embed('example_embedding', content) as embedding
from missing
{% else %}
{#- A text without a vector in the seed violates NOT NULL: run scripts/embed.py. -#}
select missing.text_hash, vectors.embedding
from missing
left join {{ ref('precomputed_vectors') }} as vectors on vectors.text_hash = missing.text_hash
{% endif %}
