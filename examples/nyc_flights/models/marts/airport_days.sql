{{ config(
  materialized='incremental',
  unique_key=['airport_code', 'flight_date']
) }}

with flights as (

  select * from {{ ref('int_flights_classified') }}
  {% if is_incremental() %}
  where flight_date >= (
    select coalesce({{ dbt.dateadd('day', -var('lookback_days'), 'max(flight_date)') }}, date '1900-01-01')
    from {{ this }}
  )
  {% endif %}

),

weather as (

  select * from {{ ref('stg_weather') }}

),

traffic as (

  select
    origin_code as airport_code,
    flight_date,
    count(*) as scheduled_flights,
    {{ count_if("flight_status <> 'cancelled'") }} as departures,
    {{ count_if("flight_status = 'cancelled'") }} as cancelled_flights,
    {{ count_if("is_on_time") }} as on_time_flights,
    {{ average('departure_delay_minutes') }} as avg_departure_delay_minutes
  from flights
  group by origin_code, flight_date

),

weather_days as (

  select
    airport_code,
    observation_date,
    count(*) as hours_observed,
    min(temperature_f) as min_temperature_f,
    max(temperature_f) as max_temperature_f,
    max(wind_speed_mph) as max_wind_speed_mph,
    min(visibility_miles) as min_visibility_miles,
    sum(precipitation_inches) as precipitation_inches
  from weather
  group by airport_code, observation_date

)

select
  traffic.airport_code,
  traffic.flight_date,
  traffic.scheduled_flights,
  traffic.departures,
  traffic.cancelled_flights,
  traffic.on_time_flights,
  traffic.avg_departure_delay_minutes,
  coalesce(weather_days.hours_observed, 0) as hours_observed,
  cast(weather_days.min_temperature_f as decimal(5, 2)) as min_temperature_f,
  cast(weather_days.max_temperature_f as decimal(5, 2)) as max_temperature_f,
  cast(weather_days.max_wind_speed_mph as decimal(6, 2)) as max_wind_speed_mph,
  cast(weather_days.min_visibility_miles as decimal(5, 2)) as min_visibility_miles,
  cast(weather_days.precipitation_inches as decimal(6, 2)) as precipitation_inches
from traffic
left join weather_days
  on weather_days.airport_code = traffic.airport_code
  and weather_days.observation_date = traffic.flight_date
