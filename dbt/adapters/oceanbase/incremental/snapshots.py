"""Checks that a snapshot makes before its staging table: whether its table is a snapshot, and whether a row changed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from dbt.adapters.base import available
from dbt.adapters.exceptions import SnapshotTargetNotSnapshotTableError

from ..catalog import column_definitions
from ..catalog.adapter_base import OceanBaseAdapterBase
from ..column import OceanBaseColumn, column_from_field

QUICK_SECONDS = 1
"""A query of more estimated seconds is not run twice to save the creation of a table.

Making and dropping a table takes 0.1 to 2 seconds.
"""

ESTIMATED_TIME = re.compile(r'"EST\.TIME\(us\)": *(\d+)')
"""Microseconds of an operator in the answer of EXPLAIN FORMAT=JSON. The first time is that of the whole query."""


class SnapshotMixin(OceanBaseAdapterBase):
    """Adapter methods that the macros of snapshots call."""

    @available.parse_none
    def check_snapshot_target(
        self, columns: Sequence[OceanBaseColumn], names: Mapping[str, str], strategy: Mapping[str, Any]
    ) -> None:
        """Raise SnapshotTargetNotSnapshotTableError if a snapshot's table lacks a column that dbt adds to snapshots.

        dbt's method ``assert_valid_snapshot_target_given_strategy`` raises the same error, but queries the columns
        first. This method sends nothing, because ``columns`` are the table's columns. ``names`` maps dbt's names of the
        added columns to the configured names. ``strategy`` is dbt's dict of the snapshot strategy, whose key
        ``hard_deletes`` decides whether the table needs ``dbt_is_deleted``.
        """
        missing = column_definitions.missing_snapshot_columns({c.name.lower() for c in columns}, names, strategy)
        if missing:
            raise SnapshotTargetNotSnapshotTableError(missing)

    @available.parse(lambda sql: False)
    def is_quick(self, sql: str) -> bool:
        """Check whether the server expects that the query ``sql`` takes at most QUICK_SECONDS. Do not run ``sql``.

        The server is asked by EXPLAIN, for the time that its optimizer estimates. Return False if the answer has no
        such time. Raises DatabaseError if EXPLAIN fails.
        """
        _, cursor = self.connections.add_select_query(f"explain format=json {sql}")
        estimate = ESTIMATED_TIME.search("".join(str(line) for (line, *_) in cursor.fetchall()))
        return estimate is not None and int(estimate[1]) <= QUICK_SECONDS * 1_000_000

    @available.parse(lambda sql: {"is_missing": False, "has_warnings": False, "columns": [], "response": ""})
    def first_row(self, sql: str) -> dict[str, Any]:
        """Run ``sql``, a query of few rows, and return a dict of its columns and of whether it has a row.

        The key ``is_missing`` is true if the result has no row, and ``has_warnings`` if the server has warned of a
        value that it could not convert. ``columns`` is the list of the result's columns, and ``response`` is dbt's
        response for the query. Raises DatabaseError if the server refuses the query.
        """
        _, cursor = self.connections.add_select_query(sql)
        columns = [column_from_field(field) for field in cursor.fields]
        return {
            "is_missing": cursor.fetchone() is None,
            "has_warnings": cursor.warning_count > 0,
            "columns": columns,
            "response": self.connections.get_response(cursor),
        }
