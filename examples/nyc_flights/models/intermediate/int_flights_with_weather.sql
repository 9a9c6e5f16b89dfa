with flights as (

  select * from {{ ref('int_flights_classified') }}

),

weather as (

  select * from {{ ref('stg_weather') }}

)

select
  flights.flight_id,
  flights.flight_status,
  flights.is_on_time,
  flights.departure_delay_minutes,
  weather.observed_at,
  weather.temperature_f,
  weather.wind_speed_mph,
  weather.precipitation_inches,
  weather.visibility_miles
from flights
left join weather
  on weather.airport_code = flights.origin_code
  and weather.observed_at = flights.scheduled_hour_at
