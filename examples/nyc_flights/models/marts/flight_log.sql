{#- A partition for each year, from the first one on until next year: each run adds those that are missing. -#}
{{ config(
  materialized='incremental',
  unique_key=['flight_date', 'flight_id'],
  primary_key=['flight_date', 'flight_id'],
  partition_by={'column': 'flight_date', 'every': 'year', 'from': '2013-01-01', 'ahead': '1 year'},
  indexes=[
    {'columns': ['carrier_code', 'flight_date'], 'name': 'by_carrier'},
    {'columns': ['tail_number'], 'name': 'by_aircraft'},
  ],
  column_groups=['all columns', 'each column'] if var('full_kernel') else none
) }}

select
  flight_date,
  flight_id,
  carrier_code,
  flight_number,
  tail_number,
  origin_code,
  destination_code,
  flight_status,
  departure_delay_minutes,
  arrival_delay_minutes,
  distance_miles
from {{ ref('int_flights_classified') }}
{% if is_incremental() %}
where flight_date >= (
  select coalesce({{ dbt.dateadd('day', -var('lookback_days'), 'max(flight_date)') }}, date '1900-01-01')
  from {{ this }}
)
{% endif %}
