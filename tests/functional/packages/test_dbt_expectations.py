"""The shims of dbt_expectations, found without any configuration and compared with references in Python.

A small package of the same name stands for the real one: its macros dispatch by the same names and arguments.
"""

from __future__ import annotations

import math
from typing import Any

import pytest
from dbt.tests.util import run_dbt
from support.outside import Database

TESTS_OF_THE_PACKAGE = {
    "equal_expression": "model, expression, compare_model=none, compare_expression=none, group_by=none, "
    "compare_group_by=none, row_condition=none, compare_row_condition=none, tolerance=0.0, tolerance_percent=none",
    "expect_column_most_common_value_to_be_in_set": "model, column_name, value_set, top_n, quote_values=true, "
    "data_type='decimal', row_condition=none",
    "expect_column_stdev_to_be_between": "model, column_name, min_value=none, max_value=none, group_by=none, "
    "row_condition=none, strictly=false",
    "expect_column_values_to_be_within_n_stdevs": "model, column_name, group_by=none, sigma_threshold=3",
    "expect_column_values_to_be_within_n_moving_stdevs": "model, column_name, date_column_name, group_by=none, "
    "period='day', lookback_periods=1, trend_periods=7, test_periods=14, sigma_threshold=3, "
    "sigma_threshold_upper=none, sigma_threshold_lower=none, take_diffs=true, take_logs=true",
    "expect_grouped_row_values_to_have_recent_data": "model, group_by, timestamp_column, datepart, interval, "
    "row_condition=none",
    "expect_select_column_values_to_be_unique_within_record": "model, column_list, quote_columns=false, "
    "ignore_row_if='all_values_are_missing', row_condition=none",
}
"""Tests of the package with their arguments."""

FORMS = {
    "expect_column_stdev_to_be_between": "select * from (select stddev({{ column_name }}) as s from {{ model }}) as t "
    "where not (s >= {{ min_value }} and s <= {{ max_value }})",
    "expect_column_values_to_be_within_n_stdevs": "{% set column = column_name %}"
    "select * from (select {{ column }} as x, avg({{ column }}) over () as m, stddev({{ column }}) over () as x_stddev "
    "from {% if group_by %}(select sum({{ column }}) as {{ column }} from {{ model }} "
    "group by {{ group_by | join(', ') }}) as s{% else %}{{ model }}{% endif %}) as t "
    "where abs(x - m) / x_stddev > {{ sigma_threshold }}",
    "expect_column_values_to_be_within_n_moving_stdevs": "{% set before -%} over "
    "({{ 'partition by ' ~ group_by | join(', ') if group_by }} order by day "
    "rows between {{ trend_periods }} preceding and 1 preceding) {%- endset %}"
    "select * from (select metric_test_value as x, avg(metric_test_value) {{ before }} as m, "
    "stddev(metric_test_value) {{ before }} as s from (select {{ group_by | join(', ') ~ ', ' if group_by }}"
    "{{ column_name }} as metric_test_value, {{ date_column_name }} as day from {{ model }}) as v) as t "
    "where abs(x - m) / nullif(s, 0) > {{ sigma_threshold }}",
    "expect_grouped_row_values_to_have_recent_data": "select 1 from {{ model }} group by {{ group_by | join(', ') }} "
    "having max({{ timestamp_column }}) < {{ dbt.dateadd(datepart, -interval, dbt.current_timestamp()) }}",
}
"""What these tests ask the database in the package, but for what does not matter here. The form of any other test is an
error."""

MACROS = """
{% macro ignore_row_if_expression(ignore_row_if, columns) %}
not ({{ columns | join(' is null ' ~ ('and ' if ignore_row_if == 'all_values_are_missing' else 'or ')) }} is null)
{% endmacro %}
{% macro get_select(model, expression, row_condition, group_by) %}
select {% for g in group_by or [] %}{{ g }} as col_{{ loop.index }}, {% endfor %}{{ expression }} as expression
from {{ model }} {{ 'where ' ~ row_condition if row_condition }}
{{ 'group by ' ~ group_by | join(', ') if group_by }}
{% endmacro %}
{% test expression_is_true(model, expression, test_condition='= true', group_by_columns=none, row_condition=none) %}
  {{ adapter.dispatch('expression_is_true', 'dbt_expectations')(
    model, expression, test_condition, group_by_columns, row_condition
  ) }}
{% endtest %}
{% macro default__expression_is_true(model, expression, test_condition, group_by_columns, row_condition) %}
select * from ({{ dbt_expectations.get_select(model, expression, row_condition, group_by_columns) }}) as t
where not (expression {{ test_condition }})
{% endmacro %}
{% macro type_timestamp() %}{{ return(adapter.dispatch('type_timestamp', 'dbt_expectations')()) }}{% endmacro %}
{% macro default__type_timestamp() %}timestamp{% endmacro %}
{% macro percentile_cont(field, quantile, partition=none) %}
  {{ adapter.dispatch('quantile', 'dbt_expectations')(field, quantile, partition) }}
{% endmacro %}
{% macro default__quantile(field, quantile, partition) %}{{ field }}{% endmacro %}
{% macro regexp_instr(source_value, regexp, position=1, occurrence=1, is_raw=false, flags='') %}
  {{ adapter.dispatch('regexp_instr', 'dbt_expectations')(
    source_value, regexp, position, occurrence, is_raw, flags
  ) }}
{% endmacro %}
{% macro default__regexp_instr(source_value, regexp, position, occurrence, is_raw, flags) %}
regexp_instr({{ source_value }}, '{{ regexp }}', {{ position }}, {{ occurrence }})
{% endmacro %}
"""


def package() -> dict[str, str]:
    """Return the macros of the package by file."""
    files = {"macros": MACROS}
    for name, arguments in TESTS_OF_THE_PACKAGE.items():
        names = ", ".join(argument.split("=")[0].strip() for argument in arguments.split(", "))
        form = FORMS.get(name, "select * from default_form")
        files[name] = (
            f"{{% test {name}({arguments}) %}}"
            f"{{{{ adapter.dispatch('test_{name}', 'dbt_expectations')({names}) }}}}{{% endtest %}}\n"
            f"{{% macro default__test_{name}({names}) %}}{form}{{% endmacro %}}\n"
        )
    return files


MATCHES = {
    "case_counts": (("'aBC'", "[b]"), 0),
    "case_ignored": (("'aBC'", "[b]", "flags='i'"), 2),
    "digit": (("'ab7'", r"\d"), 3),
    "dot": (("'a,b.c'", r"\."), 4),
    "no_dot": (("'abc'", r"\."), 0),
    "second": (("'a1b2'", r"\d", "occurrence=2"), 4),
    "from_third": (("'a1b2'", r"\d", "position=3"), 4),
    "quote": (("'it\\'s'", "''s"), 3),
    "raw_quote": (("'it\\'s'", r"'\w", "is_raw=true"), 3),
    "at_line": (("'a\\nb'", "^b$", "flags='m'"), 3),
}
"""Arguments of regexp_instr by column, and where the match is."""


def matches() -> str:
    """Return a query with a column for each of the matches."""
    columns = []
    for name, ((source, pattern, *rest), _) in MATCHES.items():
        arguments = ", ".join(
            ['"' + source.replace("\\", "\\\\") + '"', '"' + pattern.replace("\\", "\\\\") + '"', *rest]
        )
        columns.append(f"{{{{ dbt_expectations.regexp_instr({arguments}) }}}} as {name}")
    return "select " + ", ".join(columns)


VALUES = {"one": [7.5], "two": [1, 2], "many": [3, -1, None, 10, 4, 4, 2.25], "none": [None]}
"""Numbers by group."""

QUANTILES = (0, 0.1, 0.25, 0.5, 0.9, 1)


def quantiles() -> str:
    """Return a query with the quantiles of each group."""
    columns = ", ".join(
        f"{{{{ dbt_expectations.percentile_cont('x', {quantile}) }}}} as q{number}"
        for number, quantile in enumerate(QUANTILES)
    )
    rows = " union all ".join(
        f"select '{group}' as g, cast({'null' if value is None else value} as double) as x"
        for group, values in VALUES.items()
        for value in values
    )
    return f"select g, {columns} from ({rows}) as numbers group by g"


def quantile_of(values: list[Any], quantile: float) -> float | None:
    """Return the value at a part of the sorted values, between two of them if need be."""
    numbers = sorted(value for value in values if value is not None)
    if not numbers:
        return None
    place = quantile * (len(numbers) - 1)
    below, above = numbers[math.floor(place)], numbers[math.ceil(place)]
    return below + (place - math.floor(place)) * (above - below)


MODELS = {
    "quantiles": quantiles(),
    "quantiles_stored": "{{ config(materialized='table') }}" + quantiles(),
    "matches": matches(),
    "bad_flag": "select {{ dbt_expectations.regexp_instr(\"'a'\", 'a', flags='x') }} as n",
    "in_window": "select {{ dbt_expectations.percentile_cont('1', 0.5, 'g') }} as n",
    "stamp": "select cast('2024-01-02 03:04:05.678901' as {{ dbt_expectations.type_timestamp() }}) as t, "
    "'{{ dbt_expectations.type_timestamp() }}' as type",
    # of a sample 2.0, of a population 1.63
    "spread": "select 1 as d, 1 as x union all select 2, 3 union all select 3, 5",
    # of a sample 1; a sum of squares of floating point numbers loses it
    "far": "select cast(x as double) as x from (select 1000000001 as x union all select 1000000002 union all "
    "select 1000000003) as numbers",
    # against the two before: 1.5 / 0.71 = 2.1 of a sample, 3.0 of a population
    "series": "select 1 as d, 1.0 as x, 'a' as g union all select 2, 2, 'a' union all select 3, 3, 'A'",
    # each test of groups passes if the groups a and A are one
    "letters": """
      select 'a' as k, 1 as n, 1.4 as x, {{ dbt.current_timestamp() }} as t
      union all select 'a', 2, 1.4, '2020-01-01' union all select 'A', 3, 1.3, '2020-01-01'""",
    "other_letters": """
      select 'A' as k, '3' as n union all select 'A', '1' union all select 'a', '2'""",
    "records": """
      select 1 as id, 1 as m, 1.00 as n, 'a' as s, 'A' as t union all select 2, 1, 2, 'x', 'x '
      union all select 3, null, 3, 'b', 'c' union all select 4, null, null, 'd', 'e'""",
    "kinds": """
      select 'abc' as code, 0 as n, '01' as lead, '1x' as tail, 1 as one, '1' as one_text, cast('xyz' as binary) as b,
        date '2024-01-01' as day, cast('2024-01-01' as datetime) as at, '2024-01-01' as day_text,
        20240101 as day_number, cast(x'ff00' as binary) as no_text, time '00:00:00' as midnight""",
    "moments": """
      select 1 as n, cast('2024-01-31 10:00:00' as datetime) as at, time '10:00:00' as hour, 'Ann' as name,
        cast('ab' as binary) as b, cast(null as datetime) as never""",
    "sums": "select 'a' as k, 10 as y union all select 'A', -10 union all select 'b', 0 union all select 'c', 0",
}

TESTS = """
models:
  - name: spread
    columns:
      - name: x
        data_tests:
          - dbt_expectations.expect_column_stdev_to_be_between:
              name: sample
              arguments: {min_value: 1.99, max_value: 2.01}
          - dbt_expectations.expect_column_stdev_to_be_between:
              name: population
              arguments: {min_value: 1.62, max_value: 1.64}
          - dbt_expectations.expect_column_values_to_be_within_n_stdevs:
              name: within
              arguments: {sigma_threshold: 1.1}
          - dbt_expectations.expect_column_values_to_be_within_n_stdevs:
              name: outside
              arguments: {sigma_threshold: 0.9}
  - name: far
    columns:
      - name: x
        data_tests:
          - dbt_expectations.expect_column_stdev_to_be_between:
              name: exact
              arguments: {min_value: 0.999, max_value: 1.001}
          - dbt_expectations.expect_column_values_to_be_within_n_stdevs:
              name: far_within
              arguments: {sigma_threshold: 1.001}
          - dbt_expectations.expect_column_values_to_be_within_n_stdevs:
              name: far_outside
              arguments: {sigma_threshold: 0.999}
  - name: series
    columns:
      - name: x
        data_tests:
          - dbt_expectations.expect_column_values_to_be_within_n_moving_stdevs:
              name: moving_within
              arguments: {date_column_name: d, trend_periods: 2, sigma_threshold: 2.5}
          - dbt_expectations.expect_column_values_to_be_within_n_moving_stdevs:
              name: moving_outside
              arguments: {date_column_name: d, trend_periods: 2, sigma_threshold: 2}
          - dbt_expectations.expect_column_values_to_be_within_n_moving_stdevs:
              name: moving_in_groups
              arguments: {date_column_name: d, trend_periods: 2, sigma_threshold: 2, group_by: [g]}
  - name: sums
    columns:
      - name: y
        data_tests:
          - dbt_expectations.expect_column_values_to_be_within_n_stdevs:
              name: outside_in_groups
              arguments: {group_by: [k], sigma_threshold: 1.1}
  - name: records
    data_tests:
      - dbt_expectations.expect_select_column_values_to_be_unique_within_record:
          name: different_numbers
          arguments: {column_list: [m, n], quote_columns: true}
      - dbt_expectations.expect_select_column_values_to_be_unique_within_record:
          name: different_if_there
          arguments: {column_list: [n, s, m], ignore_row_if: any_value_is_missing}
      - dbt_expectations.expect_select_column_values_to_be_unique_within_record:
          name: different_if_read
          arguments: {column_list: [m, n], ignore_row_if: any_value_is_missing, row_condition: id = 2 or id = 3}
      - dbt_expectations.expect_select_column_values_to_be_unique_within_record:
          name: different_texts
          arguments: {column_list: [s, t]}
      - dbt_expectations.expect_select_column_values_to_be_unique_within_record:
          name: different_texts_by_collation
          arguments: {column_list: [s, t]}
          config: {collation: server}
  - name: kinds
    data_tests:
      - dbt_expectations.expect_select_column_values_to_be_unique_within_record:
          name: different_kinds
          arguments: {column_list: [code, n, lead, tail, one, b, day, day_number, no_text, midnight]}
      - dbt_expectations.expect_select_column_values_to_be_unique_within_record:
          name: different_kinds_by_collation
          arguments: {column_list: [code, n, lead, tail, one, b, day, day_number, no_text, midnight]}
          config: {collation: server}
      - dbt_expectations.expect_select_column_values_to_be_unique_within_record:
          name: a_number_and_its_text
          arguments: {column_list: [one, one_text]}
      - dbt_expectations.expect_select_column_values_to_be_unique_within_record:
          name: a_date_and_its_text
          arguments: {column_list: [day, day_text]}
          config: {collation: server}
      - dbt_expectations.expect_select_column_values_to_be_unique_within_record:
          name: a_date_and_its_midnight
          arguments: {column_list: [day, at]}
  - name: moments
    data_tests:
      # in CREATE TABLE, a text or a time that is subtracted is an error
      - dbt_expectations.equal_expression:
          name: equal_times
          arguments: {expression: max(at)}
          config: {store_failures: true}
      - dbt_expectations.equal_expression:
          name: other_month_of_the_year
          arguments: {expression: max(at), compare_expression: "max(timestamp '2024-12-31 23:00:00')"}
          config: {store_failures: true}
      - dbt_expectations.equal_expression:
          name: other_minute_of_the_hour
          arguments: {expression: max(hour), compare_expression: "max(time '10:30:00')", tolerance: 3600}
      - dbt_expectations.equal_expression: {name: equally_missing, arguments: {expression: max(never)}}
      - dbt_expectations.equal_expression:
          name: missing_time
          arguments: {expression: max(at), compare_expression: max(never)}
      - dbt_expectations.equal_expression:
          name: equal_name
          arguments: {expression: max(name), group_by: [n], tolerance_percent: 0.1}
          config: {store_failures: true}
      - dbt_expectations.equal_expression:
          name: equal_name_by_collation
          arguments: {expression: max(name), compare_expression: max('ann')}
          config: {collation: server}
      - dbt_expectations.equal_expression:
          name: other_name_by_collation
          arguments: {expression: max(name), compare_expression: max('Bob')}
          config: {collation: server}
      - dbt_expectations.equal_expression:
          name: other_bytes
          arguments: {expression: max(b), compare_expression: max(cast('AB' as binary))}
          config: {store_failures: true}
      - dbt_expectations.equal_expression:
          name: fewer_unsigned
          arguments: {expression: max(cast(3 as unsigned)), compare_expression: max(cast(7 as unsigned))}
      - dbt_expectations.equal_expression:
          name: null_as_zero
          arguments: {expression: max(n) - 1, compare_expression: "max(if(n > 1, n, null))"}
      - dbt_expectations.equal_expression:
          name: tolerated
          arguments: {expression: max(-1e-05), compare_expression: max(-1.5e-05), tolerance: 0.00001}
      - dbt_expectations.equal_expression:
          name: not_tolerated
          arguments: {expression: max(12345678901234567890.1), compare_expression: max(12345678901234567890.2)}
  - name: letters
    data_tests:
      - dbt_expectations.equal_expression:
          name: equal_letters
          arguments: {expression: count(*), compare_model: ref('other_letters'), group_by: [k]}
      - dbt_expectations.equal_expression:
          name: equal_letters_by_collation
          arguments: {expression: count(*), compare_model: ref('other_letters'), group_by: [k]}
          config: {collation: server}
      - dbt_expectations.equal_expression:
          name: equal_numbers
          arguments:
            {expression: count(*), compare_model: ref('other_letters'), group_by: [n + 0], compare_group_by: [n]}
      - dbt_expectations.equal_expression:
          name: nearly_equal
          arguments: {expression: max(100000), compare_expression: max(100004), tolerance_percent: 0.00004}
      - dbt_expectations.equal_expression:
          name: not_quite_equal
          arguments: {expression: max(100000), compare_expression: max(100004), tolerance_percent: 0.00003}
      - dbt_expectations.equal_expression:
          name: equal_texts
          arguments: {expression: min('abc'), compare_expression: min('ABC')}
      - dbt_expectations.equal_expression:
          name: as_many_values
          arguments: {expression: count(distinct k), compare_expression: count(distinct lower(k)) + 1}
      - dbt_expectations.expression_is_true: {name: two_values, arguments: {expression: count(distinct `k`) = 2}}
      - dbt_expectations.expression_is_true: {name: one_value, arguments: {expression: COUNT(DISTINCT k) = 1}}
      - dbt_expectations.expression_is_true:
          name: one_value_by_collation
          arguments: {expression: count(distinct k) = 1}
          config: {collation: server}
      - dbt_expectations.expression_is_true:
          name: two_of_each
          arguments: {expression: count(*) >= 2, group_by_columns: [k]}
      - dbt_expectations.expect_grouped_row_values_to_have_recent_data:
          name: recent_of_each
          arguments: {group_by: [k], timestamp_column: t, datepart: day, interval: 1}
    columns:
      - name: x
        data_tests:
          - dbt_expectations.expect_column_most_common_value_to_be_in_set:
              name: number_in_set
              arguments: {value_set: [1.4], top_n: 1, quote_values: false}
          - dbt_expectations.expect_column_most_common_value_to_be_in_set:
              name: number_not_in_set
              arguments: {value_set: [1.3, 1.0], top_n: 1, quote_values: false}
  - name: other_letters
    columns:
      - name: k
        data_tests:
          - dbt_expectations.expect_column_most_common_value_to_be_in_set:
              name: text_in_set
              arguments: {value_set: [A], top_n: 1}
          - dbt_expectations.expect_column_most_common_value_to_be_in_set:
              name: text_not_in_set
              arguments: {value_set: [a], top_n: 1}
          - dbt_expectations.expect_column_most_common_value_to_be_in_set:
              name: second_in_set
              arguments: {value_set: [a], top_n: 2, row_condition: n > 0}
"""


class TestShims:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {**{f"{name}.sql": text for name, text in MODELS.items()}, "tests.yml": TESTS}

    @pytest.fixture(scope="class", autouse=True)
    def built(self, project: Any, install: Any) -> dict[str, Any]:
        """Build all models and tests once and return their results by name."""
        install("dbt_expectations", package())
        return {result.node.name: result for result in run_dbt(["build"], expect_pass=False)}

    def test_only_what_must_fail_fails(self, built: dict[str, Any]) -> None:
        failed = {
            name: result.failures or str(result.status)
            for name, result in built.items()
            if result.status not in ("success", "pass")
        }

        assert failed == {
            "bad_flag": "error",
            "in_window": "error",
            "population": 1,
            "outside": 2,
            "far_outside": 2,
            "moving_outside": 1,
            # the groups a and A are different
            "outside_in_groups": 2,
            "equal_letters": 2,
            "two_of_each": 1,
            "recent_of_each": 1,
            "one_value": 1,
            "not_quite_equal": 1,
            "equal_texts": 1,
            # times and bytes are not subtracted
            "other_month_of_the_year": 1,
            "other_minute_of_the_hour": 1,
            "missing_time": 1,
            "other_bytes": 1,
            "other_name_by_collation": 1,
            "not_tolerated": 1,
            "fewer_unsigned": 1,
            "number_not_in_set": 1,
            # 1 and 1.00, and NULL in one of the columns
            "different_numbers": 2,
            "different_if_there": 1,
            "different_texts_by_collation": 2,
            "a_number_and_its_text": 1,
            "a_date_and_its_text": 1,
            "a_date_and_its_midnight": 1,
            "text_not_in_set": 1,
        }

    @pytest.mark.parametrize("relation", ["quantiles", "quantiles_stored"])
    def test_quantiles_lie_between_values(self, db: Database, relation: str) -> None:
        rows = {row[0]: row[1:] for row in db.rows(f"select * from {{s}}.{relation}")}

        expected = {g: [quantile_of(values, quantile) for quantile in QUANTILES] for g, values in VALUES.items()}
        assert rows == {g: tuple(pytest.approx(q) for q in quantiles) for g, quantiles in expected.items()}

    def test_regular_expressions_keep_backslashes_and_case(self, db: Database) -> None:
        columns = ", ".join(MATCHES)

        assert db.rows(f"select {columns} from {{s}}.matches") == [tuple(place for _, place in MATCHES.values())]

    def test_a_point_in_time_keeps_its_fraction(self, db: Database) -> None:
        rows = db.rows("select cast(t as char), type from {s}.stamp")

        assert rows == [("2024-01-02 03:04:05.678901", "datetime(6)")]

    def test_what_is_not_there_is_refused_by_name(self, built: dict[str, Any]) -> None:
        assert "OceanBase has no flag 'x' of regular expressions; use c, i, m or n" in built["bad_flag"].message
        assert "OceanBase has no PERCENTILE_CONT" in built["in_window"].message
        assert "leave out the partition g" in built["in_window"].message
