-- as many rows a day as in steady, but ten times as many on the last day, and then without amounts
select steady.id, steady.created_at, steady.kind, steady.amount
from {{ ref('steady') }} as steady
where steady.created_at < date_sub(current_date(), interval 1 day)
union all
select steady.id + 10000 * other.i, steady.created_at, steady.kind, null
from {{ ref('steady') }} as steady
cross join (
  select distinct amount as i from {{ ref('steady') }} where amount <= 10
) as other
where steady.created_at >= date_sub(current_date(), interval 1 day)
