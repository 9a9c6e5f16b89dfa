-- twenty rows a day for thirty days, up to yesterday
with recursive days as (
  select 1 as n
  union all
  select n + 1 from days where n < 30
),
numbers as (
  select 1 as i
  union all
  select i + 1 from numbers where i < 20
)
select
  n * 100 + i as id,
  cast(date_add(date_sub(current_date(), interval n day), interval i * 20 minute) as datetime) as created_at,
  case when mod(i, 2) = 0 then 'even' else 'odd' end as kind,
  cast(i as decimal(10, 2)) as amount,
  i > 10 as late
from days
cross join numbers
