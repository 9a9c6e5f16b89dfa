-- The reported distance is within one percent of the great circle between the two airports.
select
  origin_code,
  destination_code,
  distance_miles,
  great_circle_miles
from {{ ref('route_statistics') }}
where abs(great_circle_miles - distance_miles) > 0.01 * distance_miles
