with flights as (

  select * from {{ ref('stg_flights') }}

)

select
  flight_id,
  flight_date,
  carrier_code,
  flight_number,
  tail_number,
  origin_code,
  destination_code,
  scheduled_hour_at,
  departure_delay_minutes,
  arrival_delay_minutes,
  air_time_minutes,
  distance_miles,
  case
    when departure_clock is null then 'cancelled'
    when arrival_delay_minutes is null then 'diverted'
    else 'completed'
  end as flight_status,
  coalesce(arrival_delay_minutes < {{ var('late_after_minutes') }}, false) as is_on_time
from flights
