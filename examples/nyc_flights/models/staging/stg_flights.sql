with source as (

  select * from {{ ref('flights') }}

),

renamed as (

  select
    {{ surrogate_key(['time_hour', 'carrier', 'flight']) }} as flight_id,
    {{ date_from_parts('year', 'month', 'day') }} as flight_date,
    carrier as carrier_code,
    flight as flight_number,
    nullif(tailnum, 'NA') as tail_number,
    origin as origin_code,
    dest as destination_code,
    time_hour as scheduled_hour_at,
    minute as scheduled_minute,
    sched_dep_time as scheduled_departure_clock,
    dep_time as departure_clock,
    sched_arr_time as scheduled_arrival_clock,
    arr_time as arrival_clock,
    dep_delay as departure_delay_minutes,
    arr_delay as arrival_delay_minutes,
    air_time as air_time_minutes,
    distance as distance_miles
  from source

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
  {{ dbt.dateadd('minute', 'scheduled_minute', 'scheduled_hour_at') }} as scheduled_departure_at,
  {{ dbt.dateadd('minute', 'scheduled_minute + departure_delay_minutes', 'scheduled_hour_at') }} as departed_at,
  scheduled_departure_clock,
  departure_clock,
  scheduled_arrival_clock,
  arrival_clock,
  departure_delay_minutes,
  arrival_delay_minutes,
  air_time_minutes,
  distance_miles
from renamed
