with flights as (

  select * from {{ ref('int_flights_classified') }}

),

airlines as (

  select * from {{ ref('stg_airlines') }}

),

carrier_days as (

  select
    flight_date,
    carrier_code,
    count(*) as scheduled_flights,
    {{ count_if("flight_status = 'completed'") }} as completed_flights,
    {{ count_if("flight_status = 'cancelled'") }} as cancelled_flights,
    {{ count_if("flight_status = 'diverted'") }} as diverted_flights,
    {{ count_if("is_on_time") }} as on_time_flights,
    {{ average('departure_delay_minutes') }} as avg_departure_delay_minutes,
    {{ average('arrival_delay_minutes') }} as avg_arrival_delay_minutes,
    max(arrival_delay_minutes) as max_arrival_delay_minutes
  from flights
  group by flight_date, carrier_code

)

select
  carrier_days.flight_date,
  carrier_days.carrier_code,
  airlines.carrier_name,
  carrier_days.scheduled_flights,
  carrier_days.completed_flights,
  carrier_days.cancelled_flights,
  carrier_days.diverted_flights,
  carrier_days.on_time_flights,
  {{ percentage('carrier_days.on_time_flights', 'carrier_days.scheduled_flights') }} as on_time_pct,
  {{ percentage(
    'sum(carrier_days.on_time_flights) over last_7_days',
    'sum(carrier_days.scheduled_flights) over last_7_days'
  ) }} as on_time_pct_last_7_days,
  carrier_days.avg_departure_delay_minutes,
  carrier_days.avg_arrival_delay_minutes,
  carrier_days.max_arrival_delay_minutes
from carrier_days
inner join airlines
  on airlines.carrier_code = carrier_days.carrier_code
window last_7_days as (
  partition by carrier_days.carrier_code
  order by carrier_days.flight_date
  range between interval 6 day preceding and current row
)
