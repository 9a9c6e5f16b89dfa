-- 27,004 flights left or should have left, 521 of them were cancelled: every mart accounts for each of them.
with totals as (

  select 'carrier_punctuality_daily' as mart, sum(scheduled_flights) as flights, sum(cancelled_flights) as cancelled
  from {{ ref('carrier_punctuality_daily') }}

  union all

  select 'route_statistics', sum(scheduled_flights), sum(cancelled_flights)
  from {{ ref('route_statistics') }}

  union all

  select concat('delay_by_weather: ', weather_factor), sum(scheduled_flights), sum(cancelled_flights)
  from {{ ref('delay_by_weather') }}
  group by weather_factor

  union all

  select 'airport_days', sum(scheduled_flights), sum(cancelled_flights)
  from {{ ref('airport_days') }}

  union all

  -- carrier_days does not tell cancelled flights from diverted ones
  select 'carrier_days', sum(scheduled_flights), 521
  from {{ ref('carrier_days') }}

  union all

  -- fleet_age counts the flights that left
  select 'fleet_age', sum(departures) + 521, 521
  from {{ ref('fleet_age') }}

)

select *
from totals
where flights <> 27004
  or cancelled <> 521
