{#- A fast refresh reads what flight_log has got since the last one. It needs count(x) beside each sum(x). -#}
{{ config(
  materialized='materialized_view' if var('full_kernel') else 'view',
  refresh_method='fast' if var('full_kernel') else none
) }}

select
  flight_date,
  carrier_code,
  count(*) as scheduled_flights,
  count(arrival_delay_minutes) as arrivals,
  sum(arrival_delay_minutes) as arrival_delay_minutes
from {{ ref('flight_log') }}
group by flight_date, carrier_code
