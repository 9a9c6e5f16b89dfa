with source as (

  select * from {{ ref('planes') }}

)

select
  tailnum as tail_number,
  year as built_year,
  type as aircraft_type,
  manufacturer,
  -- the register keeps every name that a manufacturer ever had
  case
    when manufacturer in ('AIRBUS', 'AIRBUS INDUSTRIE') then 'AIRBUS'
    when manufacturer in ('BOMBARDIER INC', 'CANADAIR', 'CANADAIR LTD') then 'BOMBARDIER'
    when manufacturer like 'MCDONNELL DOUGLAS%' or manufacturer = 'DOUGLAS' then 'MCDONNELL DOUGLAS'
    else manufacturer
  end as manufacturer_group,
  model as aircraft_model,
  engines as engine_count,
  engine as engine_type,
  seats as seat_count,
  case when seats >= {{ var('min_airliner_seats') }} then true else false end as is_airliner,
  speed as cruising_speed_mph
from source
