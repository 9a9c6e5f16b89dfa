"""The list of refreshes of materialized views, from rows of the catalog that a server of the tests does not have."""

from __future__ import annotations

import re
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from dbt.adapters.oceanbase.execution.errors import DatabaseError
from dbt.adapters.oceanbase.impl import OceanBaseAdapter

EARLY, LATE, NEXT = (datetime(2026, 1, 2, 3, 4, second, 5) for second in (5, 6, 7))
LINE = "`s`.`m` (fast): 9 rows; fast refresh at 2026-01-02 03:04:05 in 1 s; data as of 40 s ago"


def states(*rows: dict[str, Any], lacks: str = "nothing", code: int = 1054) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the states of views, each of whose rows has the values of a dict in ``rows``, and the queries sent.

    A query with the text ``lacks`` fails with the error ``code``.
    """
    view = {"schema": "s", "name": "m", "container": "__mv_1", "method": "fast", "kind": "fast", "at": EARLY}
    job = {"next_at": None, "enabled": "1", "failed_at": None, "code": None, "job_at": None, "job_code": None}
    views = [tuple({**view, "seconds": 1, "age": 40, **job, "message": None, **row}.values()) for row in rows]
    sent: list[str] = []

    def query(sql: str) -> Any:
        sent.append(sql)
        if lacks in sql:
            raise DatabaseError(f"error about '{lacks}'", code)
        counted = [(int(index), 9) for index in re.findall(r"select (\d+), count\(\*\)", sql)]
        return None, SimpleNamespace(fetchall=lambda: counted or views)

    adapter = OceanBaseAdapter.__new__(OceanBaseAdapter)
    adapter.server_info = lambda: SimpleNamespace(has_materialized_views=True)  # type: ignore[assignment,method-assign]
    adapter.connections = SimpleNamespace(add_select_query=query)  # type: ignore[assignment]
    return adapter.refresh_states(["s"]), sent


@pytest.mark.parametrize(
    ("row", "end"),
    [
        ({}, ""),
        ({"next_at": NEXT}, "; next at 2026-01-02 03:04:07"),
        ({"next_at": NEXT, "enabled": "0"}, "; its scheduled job is disabled"),
        ({"failed_at": EARLY, "code": -5217}, "; last error at 2026-01-02 03:04:05: error -5217"),
        (
            {"failed_at": EARLY, "code": -5217, "job_at": LATE, "job_code": -5217, "message": "Unknown\ncolumn"},
            "; last error at 2026-01-02 03:04:06: Unknown column",
        ),
        (
            {"failed_at": LATE, "code": -5217, "job_at": EARLY, "job_code": -4012, "message": "older"},
            "; last error at 2026-01-02 03:04:06: error -5217",
        ),
        (
            {"failed_at": LATE, "code": -5217, "job_at": EARLY, "job_code": -5217, "message": "older"},
            "; last error at 2026-01-02 03:04:05: older",
        ),
    ],
)
def test_lines(row: dict[str, Any], end: str) -> None:
    [state], _ = states(row)

    assert state["line"] == LINE + end


def test_a_server_without_the_time_of_the_data() -> None:
    [state], sent = states({}, lacks="data_sync_scn")

    assert state["line"] == LINE
    assert len(sent) == 3
    assert "last_refresh_date, now())" in sent[1]


@pytest.mark.parametrize("code", [1142, 1146])
def test_views_whose_rows_cannot_be_read(code: int) -> None:
    found, _ = states({}, {"container": "__mv_2"}, {"name": "n"}, lacks="__mv_2", code=code)

    unknown, other = LINE.replace("9 rows", "rows unknown"), LINE.replace("`m`", "`n`")
    assert [state["line"] for state in found] == [LINE, unknown, other]
    assert [state["rows"] for state in found] == [9, None, 9]
    [state], _ = states({}, lacks="__mv_1", code=code)
    assert state["rows"] is None


def test_another_error_of_the_numbers_is_raised() -> None:
    with pytest.raises(DatabaseError, match="__mv_1"):
        states({}, lacks="__mv_1", code=4012)
