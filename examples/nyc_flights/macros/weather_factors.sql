{#- The factors of delay_by_weather: a column of stg_weather and its bands, from the lowest value up.
    A band ends before `below`; the last band has no end. -#}
{% macro weather_factors() %}
  {{ return([
    {"name": "visibility", "column": "visibility_miles", "bands": [
      {"label": "below 1 mile", "below": 1},
      {"label": "1 to 3 miles", "below": 3},
      {"label": "3 to 10 miles", "below": 10},
      {"label": "10 miles and more"},
    ]},
    {"name": "precipitation", "column": "precipitation_inches", "bands": [
      {"label": "dry", "below": 0.01},
      {"label": "below 0.1 inch an hour", "below": 0.1},
      {"label": "0.1 inch an hour and more"},
    ]},
    {"name": "wind", "column": "wind_speed_mph", "bands": [
      {"label": "below 10 mph", "below": 10},
      {"label": "10 to 20 mph", "below": 20},
      {"label": "20 mph and more"},
    ]},
    {"name": "temperature", "column": "temperature_f", "bands": [
      {"label": "below freezing", "below": 32},
      {"label": "32 to 50 F", "below": 50},
      {"label": "50 F and more"},
    ]},
  ]) }}
{% endmacro %}
