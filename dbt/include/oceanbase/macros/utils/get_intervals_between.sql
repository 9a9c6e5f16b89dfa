{#-
  Return the number of boundaries of periods between two dates. The server computes it by one query, see
  oceanbase__datediff.

  Args:
    start_date (str): SQL of a date
    end_date (str): SQL of a date
    datepart (str): the period, see oceanbase__datepart
  Returns: int; 1 while dbt parses the project
  Raises: a compiler error if one of the dates is NULL, or is no date for the server
-#}
{% macro oceanbase__get_intervals_between(start_date, end_date, datepart) -%}
  {%- set difference = dbt.datediff(start_date, end_date, datepart) -%}
  {%- call statement('get_intervals_between', fetch_result=True, auto_begin=False) -%}
    select {{ difference }}
  {%- endcall -%}
  {%- set result = load_result('get_intervals_between') -%}
  {%- if not (result and result['data']) -%}
    {{ return(1) }}
  {%- endif -%}
  {%- if result['data'][0][0] is none -%}
    {% do exceptions.raise_compiler_error(
      'no number of intervals between ' ~ start_date ~ ' and ' ~ end_date
      ~ ': one of them is NULL or no date to the server; write dates as YYYY-MM-DD'
    ) %}
  {%- endif -%}
  {{ return(result['data'][0][0] | int) }}
{%- endmacro %}
