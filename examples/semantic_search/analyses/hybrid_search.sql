{#- dbt show --select hybrid_search --vars '{question: "..."}' -#}
select *
from ({{ hybrid_search(var('question'), 10) }}) as answers
order by score desc, document_id, chunk_number
