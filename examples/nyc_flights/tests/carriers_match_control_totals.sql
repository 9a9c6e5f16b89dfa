-- The figures per carrier equal those that scripts/control_totals.py counted in the file, carrier by carrier.
with modelled as (

  select
    carrier_code as carrier,
    count(*) as scheduled_flights,
    {{ count_if("flight_status = 'cancelled'") }} as cancelled_flights,
    {{ count_if("flight_status = 'diverted'") }} as diverted_flights,
    {{ count_if("is_on_time") }} as on_time_flights,
    coalesce(sum(arrival_delay_minutes), 0) as arrival_delay_minutes
  from {{ ref('int_flights_classified') }}
  group by carrier_code

),

counted as (

  select
    carrier,
    scheduled_flights,
    cancelled_flights,
    diverted_flights,
    on_time_flights,
    arrival_delay_minutes
  from {{ ref('control_totals') }}

),

missing as (

  select * from counted
  {{ dbt.except() }}
  select * from modelled

),

unexpected as (

  select * from modelled
  {{ dbt.except() }}
  select * from counted

)

select 'counted in the file' as source, missing.* from missing
union all
select 'found in the models' as source, unexpected.* from unexpected
