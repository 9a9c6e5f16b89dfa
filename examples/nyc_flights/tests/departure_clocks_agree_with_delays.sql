-- Schedule plus delay is the departure that the carrier reported: two independent columns of the file.
-- The three airports are five hours behind UTC in January.
select
  flight_id,
  departed_at,
  departure_clock
from {{ ref('stg_flights') }}
where mod(extract(hour from departed_at) + 19, 24) * 60 + extract(minute from departed_at)
  <> {{ hhmm_to_minutes('departure_clock') }}
