with flights as (

  select * from {{ ref('int_flights_classified') }}
  where flight_status <> 'cancelled'

),

airlines as (

  select * from {{ ref('stg_airlines') }}

),

register as (

  select * from {{ ref('stg_aircraft') }}

),

aircraft_flown as (

  select
    carrier_code,
    tail_number,
    count(*) as departures,
    max(extract(year from flight_date)) as flown_in_year
  from flights
  group by carrier_code, tail_number

),

fleet as (

  select
    aircraft_flown.carrier_code,
    coalesce(register.manufacturer_group, 'UNKNOWN') as manufacturer_group,
    aircraft_flown.departures,
    aircraft_flown.flown_in_year - register.built_year as age_years,
    register.seat_count
  from aircraft_flown
  left join register
    on register.tail_number = aircraft_flown.tail_number
    and register.is_airliner

),

fleet_by_manufacturer as (

  select
    carrier_code,
    manufacturer_group,
    count(*) as aircraft,
    count(age_years) as aircraft_of_known_age,
    {{ average('age_years') }} as avg_age_years,
    min(age_years) as youngest_age_years,
    max(age_years) as oldest_age_years,
    {{ average('seat_count') }} as avg_seats,
    sum(departures) as departures
  from fleet
  group by carrier_code, manufacturer_group

)

select
  fleet_by_manufacturer.carrier_code,
  airlines.carrier_name,
  cast(fleet_by_manufacturer.manufacturer_group as char(40)) as manufacturer_group,
  fleet_by_manufacturer.aircraft,
  {{ percentage(
    'fleet_by_manufacturer.aircraft',
    'sum(fleet_by_manufacturer.aircraft) over (partition by fleet_by_manufacturer.carrier_code)'
  ) }} as share_of_fleet_pct,
  fleet_by_manufacturer.aircraft_of_known_age,
  fleet_by_manufacturer.avg_age_years,
  cast(fleet_by_manufacturer.youngest_age_years as signed) as youngest_age_years,
  cast(fleet_by_manufacturer.oldest_age_years as signed) as oldest_age_years,
  fleet_by_manufacturer.avg_seats,
  cast(fleet_by_manufacturer.departures as signed) as departures
from fleet_by_manufacturer
inner join airlines
  on airlines.carrier_code = fleet_by_manufacturer.carrier_code
