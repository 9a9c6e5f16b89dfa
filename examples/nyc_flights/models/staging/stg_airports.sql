with source as (

  select * from {{ ref('airports') }}

)

select
  faa as airport_code,
  name as airport_name,
  lat as latitude,
  lon as longitude,
  alt as altitude_feet,
  tz as utc_offset_hours,
  dst as daylight_saving_rule,
  nullif(tzone, 'NA') as time_zone_name
from source
