"""The shims of dbt_expectations, found without any configuration and compared with references in Python.

A small package of the same name stands for the real one: its macros dispatch by the same names and arguments.
"""

from __future__ import annotations

import math
from typing import Any

import pytest
from dbt.tests.util import run_dbt
from support.outside import Database

STDDEV_TESTS = {
    "expect_column_stdev_to_be_between": "model, column_name, min_value=none, max_value=none, group_by=none, "
    "row_condition=none, strictly=false",
    "expect_column_values_to_be_within_n_stdevs": "model, column_name, group_by=none, sigma_threshold=3",
    "expect_column_values_to_be_within_n_moving_stdevs": "model, column_name, date_column_name, group_by=none, "
    "period='day', lookback_periods=1, trend_periods=7, test_periods=14, sigma_threshold=3, "
    "sigma_threshold_upper=none, sigma_threshold_lower=none, take_diffs=true, take_logs=true",
}
"""Tests of the package with their arguments."""

FORMS = {
    "expect_column_stdev_to_be_between": "select * from (select stddev({{ column_name }}) as s from {{ model }}) as t "
    "where not (s >= {{ min_value }} and s <= {{ max_value }})",
    "expect_column_values_to_be_within_n_stdevs": "select * from (select {{ column_name }} as x, "
    "avg({{ column_name }}) over () as m, stddev({{ column_name }}) over () as x_stddev from {{ model }}) as t "
    "where abs(x - m) / x_stddev > {{ sigma_threshold }}",
    "expect_column_values_to_be_within_n_moving_stdevs": "select * from (select metric_test_value as x, "
    "avg(metric_test_value) over (order by day rows between {{ trend_periods }} preceding and 1 preceding) as m, "
    "stddev(metric_test_value) over (order by day rows between {{ trend_periods }} preceding and 1 preceding) as s "
    "from (select {{ column_name }} as metric_test_value, {{ date_column_name }} as day from {{ model }}) as v) as t "
    "where abs(x - m) / nullif(s, 0) > {{ sigma_threshold }}",
}
"""What these tests ask the database in the package, but for what does not matter here."""

MACROS = """
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
    for name, arguments in STDDEV_TESTS.items():
        names = ", ".join(argument.split("=")[0].strip() for argument in arguments.split(", "))
        files[name] = (
            f"{{% test {name}({arguments}) %}}"
            f"{{{{ adapter.dispatch('test_{name}', 'dbt_expectations')({names}) }}}}{{% endtest %}}\n"
            f"{{% macro default__test_{name}({names}) %}}{FORMS[name]}{{% endmacro %}}\n"
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
    "series": "select 1 as d, 1.0 as x union all select 2, 2 union all select 3, 3",
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
        failed = {name for name, result in built.items() if str(result.status) not in ("success", "pass")}

        assert failed == {"bad_flag", "in_window", "population", "outside", "far_outside", "moving_outside"}

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
