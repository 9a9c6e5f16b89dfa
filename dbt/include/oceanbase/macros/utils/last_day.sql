{#- The last date of the month, quarter, year or week (which ends on Sunday). -#}
{% macro oceanbase__last_day(date, datepart) -%}
  {%- set part = oceanbase__datepart(datepart) -%}
  {%- if part == 'month' -%}
    last_day({{ date }})
  {%- elif part == 'quarter' -%}
    last_day(date_add({{ oceanbase__date_trunc('quarter', date) }}, interval 2 month))
  {%- elif part == 'year' -%}
    cast(date_format({{ date }}, '%Y-12-31') as date)
  {%- elif part in ('week', 'isoweek') -%}
    date_add({{ oceanbase__date_trunc('week', date) }}, interval 6 day)
  {%- elif part == 'day' -%}
    date({{ date }})
  {%- elif execute -%}
    {% do exceptions.raise_compiler_error("last_day: no last day of a period of '" ~ part ~ "'; use one of day, week, month, quarter, year") %}
  {%- endif -%}
{%- endmacro %}
