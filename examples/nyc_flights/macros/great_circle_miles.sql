{#- Length in statute miles of the shortest way over a sphere with the earth's mean radius (haversine formula);
    arguments are in degrees. -#}
{% macro great_circle_miles(latitude_from, longitude_from, latitude_to, longitude_to) -%}
  2 * 3958.756 * asin(sqrt(
    power(sin(radians({{ latitude_to }} - {{ latitude_from }}) / 2), 2)
    + cos(radians({{ latitude_from }})) * cos(radians({{ latitude_to }}))
    * power(sin(radians({{ longitude_to }} - {{ longitude_from }}) / 2), 2)
  ))
{%- endmacro %}
