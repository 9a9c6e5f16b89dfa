"""An expected value with more digits than the actual column differs from it; an equal value does not."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from dbt.tests.util import run_dbt

pytestmark = pytest.mark.any_kernel

MODEL = """
select cast(x as decimal(2,1)) as h, cast(x as signed) as i, cast(t as datetime) as t, cast(t as date) as d,
  cast(t as time) as c
from {{ ref('given') }}
"""
GIVEN = "{{ config(materialized='table') }} select 0.5 as x, timestamp '2026-01-01 10:00:00' as t"
ACTUAL = {"h": 0.5, "i": 1, "t": "2026-01-01 10:00:00", "d": "2026-01-01", "c": "10:00:00"}
OTHER = {
    "decimal": {"h": 0.54},
    "decimal_as_text": {"h": "0.54"},
    "decimal_out_of_range": {"h": 100.5},
    "integer": {"i": 1.4},
    "datetime": {"t": "2026-01-01 10:00:00.4"},
    "date": {"d": "2026-01-01 10:00:00"},
    "time": {"c": "10:00:00.4"},
}
SAME = {"decimal": {"h": "0.500"}, "integer": {"i": 1.0}, "datetime": {"t": "2026-01-01 10:00:00.000"}}


def unit_test(name: str, expected: dict[str, Any]) -> dict[str, Any]:
    given = {"input": "ref('given')", "rows": [{"x": 0.5, "t": "2026-01-01 10:00:00"}]}
    return {"name": name, "model": "rounded", "given": [given], "expect": {"rows": [ACTUAL | expected]}}


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[\d;]*m", "", text)


class TestExpected:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        tests = [unit_test(f"other_{name}", value) for name, value in OTHER.items()]
        tests += [unit_test(f"same_{name}", value) for name, value in SAME.items()]
        return {"given.sql": GIVEN, "rounded.sql": MODEL, "tests.yml": yaml.safe_dump({"unit_tests": tests})}

    def test_digits(self, project: Any) -> None:
        run_dbt(["run"])
        results = {result.node.name: result for result in run_dbt(["test"], expect_pass=False)}

        assert len(results) == len(OTHER) + len(SAME)
        for name, result in results.items():
            assert result.status == ("pass" if name.startswith("same_") else "fail"), (name, result.message)
        assert "0.54→0.50" in plain(results["other_decimal"].message)
        assert "1.4→1.0" in plain(results["other_integer"].message)
