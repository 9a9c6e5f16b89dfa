"""The table that dbt gets of a result: the same as dbt's own function makes, without guessing the types."""

from __future__ import annotations

import datetime
import itertools
from decimal import Decimal
from typing import Any

import agate
import pytest
from dbt_common.clients.agate_helper import table_from_data_flat

from dbt.adapters.oceanbase.execution.results import table_of

QUICK = [None, 1, -(2**70), "", "a", "null", "1", " "]
SLOW = [True, 1.5, Decimal("1.50"), datetime.date(2026, 1, 1), datetime.datetime(2026, 1, 1), datetime.timedelta(1)]


def described(table: agate.Table) -> tuple[Any, ...]:
    """Return what two tables have in common if they are equal for dbt."""
    kinds = [(type(kind), getattr(kind, "null_values", None)) for kind in table.column_types]
    return table.column_names, kinds, [row.values() for row in table.rows], [row.dict() for row in table.rows]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_is_the_table_of_dbt(number: int) -> None:
    for values in itertools.product([*QUICK, *SLOW], repeat=number):
        rows = [(value, "x", place) for place, value in enumerate(values)]
        names = ["value", "text", "place"]
        expected = table_from_data_flat([dict(zip(names, row, strict=True)) for row in rows], names)
        found = table_of(names, rows)
        kinds = {type(value) for value in values} - {type(None)}
        assert (found is None) == (not kinds <= {int} and not kinds <= {str})
        if found is not None:
            assert described(found) == described(expected)


@pytest.mark.parametrize("names", [["a", "a"], ["a", ""]])
def test_leaves_names_to_dbt_that_it_changes(names: list[str]) -> None:
    assert table_of(names, [(1, 2)]) is None
