with source as (

  select * from {{ ref('weather') }}

)

select
  {{ surrogate_key(['origin', 'time_hour']) }} as observation_id,
  origin as airport_code,
  time_hour as observed_at,
  {{ date_from_parts('year', 'month', 'day') }} as observation_date,
  temp as temperature_f,
  dewp as dew_point_f,
  humid as humidity_pct,
  wind_dir as wind_direction_degrees,
  wind_speed as wind_speed_mph,
  wind_gust as wind_gust_mph,
  precip as precipitation_inches,
  pressure as pressure_millibars,
  visib as visibility_miles
from source
