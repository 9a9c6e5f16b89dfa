"""The list of refreshes of materialized views, from rows of the catalog that a server of the tests does not have."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from dbt.adapters.oceanbase.execution.errors import DatabaseError
from dbt.adapters.oceanbase.impl import OceanBaseAdapter

EARLY, LATE, NEXT = (datetime(2026, 1, 2, 3, 4, second, 5) for second in (5, 6, 7))
LINE = "`s`.`m` (fast): 9 rows; fast refresh at 2026-01-02 03:04:05 in 1 s; data as of 40 s ago"


def states(row: dict[str, Any], lacks: str = "nothing") -> tuple[list[dict[str, Any]], list[str]]:
    """Return the states of one view whose row has the values in ``row``, and the queries that were sent.

    The server has no column ``lacks``.
    """
    view = {"schema": "s", "name": "m", "container": "__mv_1", "method": "fast", "kind": "fast", "at": EARLY}
    job = {"next_at": None, "enabled": "1", "failed_at": None, "code": None, "job_at": None, "job_code": None}
    values = {**view, "seconds": 1, "age": 40, **job, "message": None, **row}
    sent: list[str] = []

    def query(sql: str) -> Any:
        sent.append(sql)
        if lacks in sql:
            raise DatabaseError(f"Unknown column '{lacks}'", 1054)
        return None, SimpleNamespace(fetchall=lambda: [(0, 9)] if "count(*)" in sql else [tuple(values.values())])

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
