"""Float literals in a text: which are found, and which are none."""

from __future__ import annotations

import pytest

from dbt.adapters.oceanbase.sql.float_literals import bare_float_literals, warning


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("select 4/365.25e0", [("365.25e0", 1)]),
        ("select\n1E-7,\n(.5e+3)", [("1E-7", 2), (".5e+3", 3)]),
        ("select 1.e3*2, a-1e0/3", [("1.e3", 1), ("1e0", 1)]),
        ("select cast(1e0 as double)/3, cast(1e0 as char)", [("1e0", 1)]),
        ("select cast(1e0/3 as double)", [("1e0", 1)]),
        ("select 1e3 --x 1e5\n, 2e3", [("1e3", 1), ("2e3", 2)]),
    ],
)
def test_found(sql: str, found: list[tuple[str, int]]) -> None:
    assert bare_float_literals(sql) == found


@pytest.mark.parametrize(
    "sql",
    [
        "select 365.25, 0x1e3, 1, a1e3, t.e1, t.`1e3`",
        "select '1e3', \"2e3\", `3e3` -- 4e3",
        "select /* 1e3 */ 1 # 2e3",
        "select CAST( 1e3 AS Double ), cast(-7 as double)",
        "select 1e3x from t",
        "select _1e3, $1e3 from t",
        "select 1e3\u0e48, e\u0301.1e3, 1.1e3\u0301 from t",
    ],
)
def test_none(sql: str) -> None:
    assert bare_float_literals(sql) == []


def test_warning() -> None:
    text = warning("model.p.m", bare_float_literals("select\n1e0/3, 2e0"))

    assert text.startswith("model.p.m: 1e0 in line 2 of its compiled SQL and 1 more like it: ")
    assert text.endswith("write cast(1e0 as double)")
    assert "\n" not in text
