{#-
  Return a query for the time buckets between two times, with the columns edr_bucket_start and edr_bucket_end. A bucket
  is a period of time, such as two days. A bucket that ends after the second time is left out.

  The query has a row for each number of five digits, and computes a bucket from each number. A recursive query could
  not do this, because it would end at 1,000 rows. With more than 100,000 buckets the query fails with error 1242
  (Subquery returns more than 1 row).

  Args:
    time_bucket (dict): the length of a bucket, as period (str, such as day) and count (int)
    bucket_end_expr (str): SQL of the end of the bucket that begins at edr_bucket_start
    min_bucket_start_expr (str): SQL of the beginning of the first bucket
    max_bucket_end_expr (str): SQL of the last time at which a bucket may end
  Returns: str, SQL
-#}
{% macro oceanbase__complete_buckets_cte(time_bucket, bucket_end_expr, min_bucket_start_expr, max_bucket_end_expr) -%}
  {%- set digits = 'select 0 as d' ~ ' union all select %d' * 9 % (1, 2, 3, 4, 5, 6, 7, 8, 9) -%}
  {%- set number = '(n1.d + 10 * n2.d + 100 * n3.d + 1000 * n4.d + 10000 * n5.d) * ' ~ time_bucket.count -%}
  {%- set last = elementary.edr_datediff(
    elementary.edr_cast_as_timestamp(min_bucket_start_expr) | trim,
    elementary.edr_cast_as_timestamp(max_bucket_end_expr) | trim,
    time_bucket.period
  ) -%}
  {%- set too_far = elementary.edr_timeadd(
    time_bucket.period, 100000 * time_bucket.count, min_bucket_start_expr
  ) | trim ~ ' < ' ~ elementary.edr_cast_as_timestamp(max_bucket_end_expr) | trim -%}
  {%- set query -%}
  select edr_bucket_start, {{ bucket_end_expr }} as edr_bucket_end
  from (
    select {{ elementary.edr_timeadd(time_bucket.period, number, min_bucket_start_expr) }} as edr_bucket_start
    from ({{ digits }}) as n1
    {%- for name in ('n2', 'n3', 'n4', 'n5') %}
    cross join ({{ digits }}) as {{ name }}
    {%- endfor %}
    where {{ number }} <= {{ last }}
      and coalesce((select 1 from (select 1 union all select 1) as dbt_two_rows where {{ too_far }}), 1) = 1
  ) as dbt_buckets
  where {{ bucket_end_expr }} <= {{ elementary.edr_cast_as_timestamp(max_bucket_end_expr) }}
  {%- endset -%}
  {{ return(query) }}
{%- endmacro %}
