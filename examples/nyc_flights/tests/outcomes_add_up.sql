-- A flight is completed, cancelled or diverted, and only a completed flight is on time.
select *
from {{ ref('carrier_punctuality_daily') }}
where completed_flights + cancelled_flights + diverted_flights <> scheduled_flights
  or on_time_flights > completed_flights
