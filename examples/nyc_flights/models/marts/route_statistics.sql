with flights as (

  select * from {{ ref('int_flights_classified') }}

),

airports as (

  select * from {{ ref('stg_airports') }}

),

routes as (

  select
    origin_code,
    destination_code,
    count(*) as scheduled_flights,
    {{ count_if("flight_status = 'cancelled'") }} as cancelled_flights,
    {{ count_if("is_on_time") }} as on_time_flights,
    count(distinct carrier_code) as carriers,
    max(distance_miles) as distance_miles,
    {{ average('air_time_minutes') }} as avg_air_time_minutes,
    {{ average('arrival_delay_minutes') }} as avg_arrival_delay_minutes,
    cast(60.000000 * sum(case when air_time_minutes is not null then distance_miles end)
      / sum(air_time_minutes) as decimal(6, 2)) as avg_speed_mph
  from flights
  group by origin_code, destination_code

),

ranked_delays as (

  select
    origin_code,
    destination_code,
    arrival_delay_minutes,
    row_number() over (
      partition by origin_code, destination_code
      order by arrival_delay_minutes
    ) as position_in_route,
    count(*) over (partition by origin_code, destination_code) as arrivals
  from flights
  where arrival_delay_minutes is not null

),

median_delays as (

  -- the middle arrival, or the mean of the middle two
  select
    origin_code,
    destination_code,
    cast(avg(arrival_delay_minutes) as decimal(6, 1)) as median_arrival_delay_minutes
  from ranked_delays
  where position_in_route in ((arrivals + 1) div 2, arrivals div 2 + 1)
  group by origin_code, destination_code

)

select
  routes.origin_code,
  routes.destination_code,
  destinations.airport_name as destination_name,
  destinations.time_zone_name as destination_time_zone,
  routes.carriers,
  routes.scheduled_flights,
  dense_rank() over (partition by routes.origin_code order by routes.scheduled_flights desc) as rank_at_origin,
  routes.cancelled_flights,
  {{ percentage('routes.cancelled_flights', 'routes.scheduled_flights') }} as cancelled_pct,
  {{ percentage('routes.on_time_flights', 'routes.scheduled_flights') }} as on_time_pct,
  routes.avg_arrival_delay_minutes,
  median_delays.median_arrival_delay_minutes,
  routes.avg_air_time_minutes,
  routes.avg_speed_mph,
  routes.distance_miles,
  cast({{ great_circle_miles(
    'origins.latitude', 'origins.longitude', 'destinations.latitude', 'destinations.longitude'
  ) }} as decimal(7, 1)) as great_circle_miles
from routes
left join median_delays
  on median_delays.origin_code = routes.origin_code
  and median_delays.destination_code = routes.destination_code
left join airports as origins
  on origins.airport_code = routes.origin_code
left join airports as destinations
  on destinations.airport_code = routes.destination_code
