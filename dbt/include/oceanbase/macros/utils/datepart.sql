{#-
  Return the usual name of a date part: lower case, singular and without quotes. All names in the list below are also
  units of the server, except `millisecond` and `isoweek`, a week that begins on Monday.

  Args:
    datepart (str): the name in upper or lower case, also in the plural or in quotes
  Returns: str
  Raises: a compiler error for an unknown date part. While dbt parses the project, the name may be missing, and `day` is
    returned instead.
-#}
{% macro oceanbase__datepart(datepart) -%}
  {%- set known = ['year', 'quarter', 'month', 'week', 'day', 'hour', 'minute', 'second', 'millisecond', 'microsecond', 'isoweek'] -%}
  {%- set name = datepart | string | lower | trim | replace("'", '') | replace('_', '') -%}
  {%- set part = name[:-1] if name[:-1] in known else name -%}
  {%- if part not in known and execute -%}
    {% do exceptions.raise_compiler_error("'" ~ datepart ~ "' is no date part here; use one of " ~ known | join(', ')) %}
  {%- endif -%}
  {{ return(part if part in known else 'day') }}
{%- endmacro %}
