"""Tables of arbitrary values are read back as dbt's loader reads the file."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from dbt.tests.util import run_dbt
from dbt_common.clients.agate_helper import from_csv
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.outside import Database

pytestmark = pytest.mark.any_kernel

ROWS = 25
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
AWKWARD = st.text("'\"\\%s`;-/*#{}\n\t ,0\N{GRINNING FACE}", max_size=20)
DATES = st.dates().map(str)
CELLS = [
    TEXT,
    AWKWARD,
    st.integers(-(2**63), 2**63 - 1).map(str),
    st.integers(-(10**26), 10**26).map(str),
    st.decimals(-(10**8), 10**8, places=6).map(str),
    st.decimals(-1, 1, places=18).map(lambda number: format(number, "f")),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.booleans().map(str),
    DATES,
    st.datetimes().map(lambda moment: moment.isoformat()),
    st.datetimes(datetime.datetime(1000, 1, 2), datetime.datetime(9999, 1, 1)).map(lambda m: f"{m.isoformat()}+05:30"),
]
BLANK = st.sampled_from(["", "null"])
COLUMN = st.sampled_from(CELLS).flatmap(
    lambda cells: st.lists(cells | BLANK if cells is not TEXT else cells, min_size=ROWS, max_size=ROWS)
)


@pytest.mark.usefixtures("project")
class TestAnyTable:
    @settings(
        max_examples=15,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )
    @given(columns=st.lists(COLUMN, min_size=12, max_size=12))
    def test_table(self, project: Any, db: Database, as_csv: Any, columns: list[list[str]]) -> None:
        path = Path(project.project_root, "seeds", "anything.csv")
        names = ["id", *(f"c{number}" for number in range(len(columns)))]
        rows = zip(map(str, range(ROWS)), *columns, strict=True)
        path.write_bytes(as_csv(names, rows).encode())
        loaded = from_csv(str(path), text_columns={})

        run_dbt(["seed"])

        found = db.rows("select * from {s}.anything order by id")
        expected = [tuple(map(as_found, row.values(), values)) for row, values in zip(loaded.rows, found, strict=True)]
        assert found == expected


def as_found(value: Any, found: Any) -> Any:
    """Return a value of dbt's loader as the driver reads it: times in UTC, doubles as floats."""
    if isinstance(value, datetime.datetime) and value.tzinfo:
        return value.astimezone(datetime.timezone.utc).replace(tzinfo=None)
    if isinstance(value, Decimal) and isinstance(found, float):
        return float(value)
    return value
