"""What is asked of the server for the catalog of `dbt docs`."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import agate
import pytest

from dbt.adapters.oceanbase import OceanBaseAdapter


def test_schemas_are_asked_for_as_they_are_spelled(monkeypatch: pytest.MonkeyPatch) -> None:
    """With lower_case_table_names 0, a server does not find a schema by its name in lower case."""
    asked: list[list[str]] = []

    def execute_macro(self: OceanBaseAdapter, name: str, kwargs: dict[str, Any]) -> agate.Table:
        asked.append(kwargs["schemas"])
        return agate.Table([], ["table_schema", "table_name", "stats:row_count:include"])

    adapter = OceanBaseAdapter.__new__(OceanBaseAdapter)
    adapter.connections = SimpleNamespace(has_session=lambda: True)  # type: ignore[assignment]
    monkeypatch.setattr(OceanBaseAdapter, "execute_macro", execute_macro)
    nodes = [SimpleNamespace(database=None, schema=name, identifier="t") for name in ("Marts", "Marts", "marts", "raw")]

    _, errors = adapter.get_filtered_catalog(nodes, frozenset({("", "Marts")}))

    assert (asked, errors) == ([["Marts", "marts", "raw"]], [])
