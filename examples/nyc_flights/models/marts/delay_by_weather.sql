with flights as (

  select * from {{ ref('int_flights_with_weather') }}

),

banded as (

  {% for factor in weather_factors() %}
  select
    cast('{{ factor.name }}' as char(20)) as weather_factor,
    case
      when {{ factor.column }} is null then 0
      {%- for band in factor.bands %}
      {{ 'when ' ~ factor.column ~ ' < ' ~ band.below ~ ' then' if 'below' in band else 'else' }} {{ loop.index }}
      {%- endfor %}
    end as band_number,
    flight_status,
    is_on_time,
    departure_delay_minutes
  from flights
  {% if not loop.last %}
  union all
  {% endif %}
  {% endfor %}

)

select
  weather_factor,
  band_number,
  cast(
    case
      when band_number = 0 then 'not observed'
      {%- for factor in weather_factors() %}{% for band in factor.bands %}
      when weather_factor = '{{ factor.name }}' and band_number = {{ loop.index }} then '{{ band.label }}'
      {%- endfor %}{% endfor %}
    end as char(40)
  ) as weather_band,
  count(*) as scheduled_flights,
  {{ count_if("flight_status = 'cancelled'") }} as cancelled_flights,
  {{ percentage(count_if("flight_status = 'cancelled'"), 'count(*)') }} as cancelled_pct,
  {{ percentage(count_if('is_on_time'), 'count(*)') }} as on_time_pct,
  {{ average('departure_delay_minutes') }} as avg_departure_delay_minutes
from banded
group by weather_factor, band_number
